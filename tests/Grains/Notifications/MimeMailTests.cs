using System.Text;
using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Grains.Notifications;
using CryptoAI.Storage.Notifications;

namespace CryptoAI.Tests.Grains.Notifications;

public sealed class MimeMailTests
{
    private const string From = "alerts@example.org";

    [Fact]
    public void A_persian_mail_is_written_from_right_to_left()
    {
        var text = new NotificationText("هشدار BTC", "متن پیام.\n\nبند دوم.", null);

        var mail = Mail("fa", text);

        mail.ShouldContain("\r\nContent-Language: fa\r\n");
        var html = Part(mail, "html");
        html.ShouldContain("""<html lang="fa" dir="rtl">""");
        html.ShouldContain("<p>متن پیام.&rlm;</p>");
        Part(mail, "plain").ShouldBe("متن پیام.\r\n\r\nبند دوم.");
        Decoded(Header(mail, "Subject")).ShouldBe("هشدار BTC");
        mail.Split("\r\n").ShouldAllBe(line => line.Length <= 998);
    }

    [Theory]
    [InlineData("one\r\ntwo\rthree\nfour")]
    [InlineData("یک\r\ntwo\rthree\nfour")]
    public void However_people_end_their_lines_the_mail_ends_them_as_mail_does(string message)
    {
        var mail = Mail("en", new NotificationText("title", message, null));

        Part(mail, "plain").ShouldBe(message.ReplaceLineEndings("\r\n"));
        Part(mail, "html").ShouldContain("<br>two<br>three<br>four");
        mail.Replace("\r\n", "", StringComparison.Ordinal).ShouldNotContain('\r');
    }

    [Theory]
    [InlineData("Hello\r\nBcc: everybody@example.org")]
    [InlineData("=?utf-8?B?QmNj?=")]
    [InlineData("a\0b")]
    public void What_a_title_holds_cannot_become_a_header(string title)
    {
        var mail = Mail("en", new NotificationText(title, "text", null));

        Decoded(Header(mail, "Subject")).ShouldBe(title);
        mail[..mail.IndexOf("\r\n\r\n", StringComparison.Ordinal)].ShouldNotContain("\r\nBcc");
    }

    [Fact]
    public void A_long_title_is_folded_between_letters()
    {
        var title = string.Concat(Enumerable.Repeat("قیمت 📈 ", 30));

        Decoded(Header(Mail("fa", new NotificationText(title, "x", null)), "Subject")).ShouldBe(title);
    }

    [Fact]
    public void Words_of_people_are_text_in_the_html()
    {
        var html = Part(Mail("en", new NotificationText("t", "<script>alert(1)</script> & more", null)), "html");

        html.ShouldContain("<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; more</p>");
    }

    [Fact]
    public void The_message_id_is_the_same_for_every_attempt() =>
        Header(Mail("en", new NotificationText("t", "m", null)), "Message-ID").ShouldBe(Header(Mail("en", new NotificationText("t", "other", null)), "Message-ID"));

    [Theory]
    [InlineData("ada@example.org", true)]
    [InlineData("ada+alerts@mail.example.org", true)]
    [InlineData("a@localhost", true)]
    [InlineData("ada@example.org>\r\nRCPT TO:<eve@example.org", false)]
    [InlineData("\"ada lovelace\"@example.org", false)]
    [InlineData("ada@", false)]
    [InlineData("@example.org", false)]
    [InlineData("ada@exa mple.org", false)]
    [InlineData("ada@example.org ", false)]
    [InlineData("ada@بیت.ir", false)]
    [InlineData("a@b@c", false)]
    public void Only_plain_addresses_get_mail(string address, bool isPlain) => MailAddresses.IsPlain(address).ShouldBe(isPlain);

    private static string Mail(string language, NotificationText text)
    {
        var created = new DateTimeOffset(2025, 6, 1, 12, 0, 0, TimeSpan.Zero);
        var notification = new Notification(
            7, 1, NotificationType.System, text.Title, text.Message, "{}", NotificationStatus.Unread, NotificationPriority.Normal, null, null, null, null, created);
        var recipient = new Recipient("ada@example.org", language, "UTC", true, true, NotificationPreferences.Standard);
        return Encoding.ASCII.GetString(MimeMail.Write(new Delivery(1, NotificationChannel.Email, 1, created, notification, null, null, recipient), From, text));
    }

    private static string Header(string mail, string name)
    {
        var start = mail.IndexOf($"{name}: ", StringComparison.Ordinal) + name.Length + 2;
        var end = start;
        do
        {
            end = mail.IndexOf("\r\n", end + 1, StringComparison.Ordinal);
        }
        while (mail[end + 2] == ' ');
        return mail[start..end];
    }

    private static string Decoded(string header) => header.StartsWith("=?", StringComparison.Ordinal)
        ? string.Concat(header.Split("\r\n ").Select(word =>
        {
            word.Length.ShouldBeLessThanOrEqualTo(75);
            return Encoding.UTF8.GetString(Convert.FromBase64String(word["=?utf-8?B?".Length..^2]));
        }))
        : header;

    private static string Part(string mail, string subtype)
    {
        var part = mail.Split("--=_").Single(part => part.Contains($"Content-Type: text/{subtype}", StringComparison.Ordinal));
        var body = part[(part.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..].TrimEnd('\r', '\n');
        return part.Contains("base64", StringComparison.Ordinal) ? Encoding.UTF8.GetString(Convert.FromBase64String(body)) : body;
    }
}
