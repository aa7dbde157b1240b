using System.Globalization;
using System.Net;
using System.Text;
using CryptoAI.Storage.Notifications;

namespace CryptoAI.Grains.Notifications;

/// <summary>A notification as a mail: RFC 5322 headers, plain text and HTML.</summary>
internal static class MimeMail
{
    private const int MaxLine = 998;
    private const int EncodedLine = 76;

    /// <summary>Bytes of UTF-8 that fit into an encoded word of 75 characters: "=?utf-8?B?" … "?=".</summary>
    private const int EncodedWordBytes = 45;

    /// <summary>The same for every attempt: by it mailboxes know one that they have already.</summary>
    public static string MessageId(Delivery delivery, string from) =>
        $"<notification-{delivery.Notification.Id}.{delivery.Notification.CreatedAt.UtcTicks}{from[from.IndexOf('@', StringComparison.Ordinal)..]}>";

    /// <param name="delivery">What to say, and to whom; the address must be plain (<see cref="MailAddresses"/>).</param>
    /// <param name="from">The sender's address.</param>
    /// <param name="text">The text, in the recipient's language; its lines may end as they like.</param>
    public static byte[] Write(Delivery delivery, string from, NotificationText text)
    {
        var language = NotificationTexts.Known(delivery.Recipient.Language);
        var isRightToLeft = NotificationTexts.IsRightToLeft(language);
        var boundary = $"=_{delivery.Notification.Id:x}_{delivery.Notification.CreatedAt.UtcTicks:x}";
        var body = (text.Mail ?? text.Message).ReplaceLineEndings("\n");
        var mail = new StringBuilder(2048)
            .Append("From: CryptoAI <").Append(from).Append(">\r\n")
            .Append("To: <").Append(delivery.Recipient.Email).Append(">\r\n")
            .Append("Subject: ").Append(HeaderText(text.Title)).Append("\r\n")
            .Append("Date: ").Append(delivery.Notification.CreatedAt.ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture)).Append("\r\n")
            .Append("Message-ID: ").Append(MessageId(delivery, from)).Append("\r\n")
            .Append("Auto-Submitted: auto-generated\r\n")
            .Append("Content-Language: ").Append(language).Append("\r\n")
            .Append("MIME-Version: 1.0\r\n")
            .Append("Content-Type: multipart/alternative; boundary=\"").Append(boundary).Append("\"\r\n\r\n");
        AppendPart(mail, boundary, "plain", body);
        AppendPart(mail, boundary, "html", Html(text.Title, body, language, isRightToLeft));
        return Encoding.ASCII.GetBytes(mail.Append("--").Append(boundary).Append("--\r\n").ToString());
    }

    private static string Html(string title, string body, string language, bool isRightToLeft)
    {
        // The mark after the text keeps its last full stop on the left in readers that ignore dir.
        var mark = isRightToLeft ? "&rlm;" : "";
        var paragraphs = body.Split("\n\n").Select(paragraph => $"<p>{WebUtility.HtmlEncode(paragraph).Replace("\n", "<br>", StringComparison.Ordinal)}{mark}</p>");
        return $"""
            <!doctype html>
            <html lang="{language}" dir="{(isRightToLeft ? "rtl" : "ltr")}">
            <head><meta charset="utf-8"><title>{WebUtility.HtmlEncode(title)}</title></head>
            <body style="font-family: sans-serif">
            <h1 style="font-size: 1.2em">{WebUtility.HtmlEncode(title)}{mark}</h1>
            {string.Join('\n', paragraphs)}
            </body>
            </html>

            """.ReplaceLineEndings("\n");
    }

    /// <summary>Plain ASCII stays readable; anything else is base64.</summary>
    private static void AppendPart(StringBuilder mail, string boundary, string subtype, string text)
    {
        mail.Append("--").Append(boundary).Append("\r\nContent-Type: text/").Append(subtype).Append("; charset=utf-8\r\n");
        if (text.All(static letter => letter is '\n' or >= ' ' and <= '~') && text.Split('\n').All(static line => line.Length <= MaxLine))
        {
            mail.Append("Content-Transfer-Encoding: 7bit\r\n\r\n").Append(text.Replace("\n", "\r\n", StringComparison.Ordinal)).Append("\r\n");
            return;
        }

        mail.Append("Content-Transfer-Encoding: base64\r\n\r\n");
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(text.Replace("\n", "\r\n", StringComparison.Ordinal)));
        for (var at = 0; at < encoded.Length; at += EncodedLine)
        {
            mail.Append(encoded, at, Math.Min(EncodedLine, encoded.Length - at)).Append("\r\n");
        }
    }

    /// <summary>
    /// Plain ASCII as it is; anything else, control characters included, as encoded words of RFC 2047, so that no header can end early.
    /// </summary>
    private static string HeaderText(string text)
    {
        if (text.Length <= EncodedLine && text.All(static letter => letter is >= ' ' and <= '~') && !text.Contains("=?", StringComparison.Ordinal))
        {
            return text;
        }

        var words = new StringBuilder();
        var word = new List<byte>(EncodedWordBytes);
        foreach (var rune in text.EnumerateRunes())
        {
            var bytes = Encoding.UTF8.GetBytes(rune.ToString());
            if (word.Count + bytes.Length > EncodedWordBytes)
            {
                EndWord();
            }

            word.AddRange(bytes);
        }

        EndWord();
        return words.ToString();

        void EndWord()
        {
            words.Append(words.Length > 0 ? "\r\n " : "").Append("=?utf-8?B?").Append(Convert.ToBase64String([.. word])).Append("?=");
            word.Clear();
        }
    }
}
