using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CryptoAI.Grains.Notifications;

namespace CryptoAI.Tests.Grains.Notifications;

public sealed class PushTests
{
    [Fact]
    public void A_message_is_encrypted_as_in_the_example_of_RFC_8291()
    {
        var browser = Decode("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4");
        var sender = PushMessage.Point(Decode("BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"));
        sender.D = Decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw");
        using var key = ECDiffieHellman.Create(sender);

        var message = PushMessage.Encrypt(
            "When I grow up, I want to be a watermelon"u8, browser, Decode("BTBZMqHH6r4Tts7J_aSIgg"), key, Decode("DGv6ra1nlYgDCS1FRnbzlw"));

        Base64Url.EncodeToString(message).ShouldBe(
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN");
    }

    [Fact]
    public void The_browser_reads_what_was_encrypted_for_it_and_nobody_else_does()
    {
        using var browser = new Browser();
        var message = PushMessage.Encrypt("سلام"u8, browser.PublicKey, browser.Auth);

        browser.Decrypt(message).ShouldBe("سلام");
        using var other = new Browser();
        Should.Throw<CryptographicException>(() => other.Decrypt(message));
        PushMessage.Encrypt(new byte[PushMessage.MaxPlaintext], browser.PublicKey, browser.Auth).Length.ShouldBe(4096);
        Should.Throw<ArgumentOutOfRangeException>(() => PushMessage.Encrypt(new byte[PushMessage.MaxPlaintext + 1], browser.PublicKey, browser.Auth));
    }

    [Fact]
    public void A_point_off_the_curve_is_refused()
    {
        var point = Decode("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4");
        point[64] ^= 1;
        Should.Throw<CryptographicException>(() => ECDiffieHellman.Create(PushMessage.Point(point)));
        Should.Throw<CryptographicException>(() => PushMessage.Point(point[..64]));
    }

    [Fact]
    public void The_token_names_the_push_service_and_is_signed_with_the_key()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = new DateTimeOffset(2025, 6, 1, 12, 0, 0, TimeSpan.Zero);

        var parts = VapidKey.Token(key, new Uri("https://push.example.org/a/b?c=d"), "mailto:ops@example.org", now).Split('.');

        JsonElement.Parse(Decode(parts[0])).GetProperty("alg").GetString().ShouldBe("ES256");
        var claims = JsonElement.Parse(Decode(parts[1]));
        claims.GetProperty("aud").GetString().ShouldBe("https://push.example.org");
        claims.GetProperty("sub").GetString().ShouldBe("mailto:ops@example.org");
        claims.GetProperty("exp").GetInt64().ShouldBe(now.AddHours(12).ToUnixTimeSeconds());
        key.VerifyData(
            Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Decode(parts[2]), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
            .ShouldBeTrue();
    }

    [Theory]
    [InlineData("93.184.215.14", true)]
    [InlineData("2606:2800:21f:cb07::1", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("192.168.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("2002:a00:1::", false)]
    public void Only_public_addresses_are_connected_to(string address, bool isPublic) =>
        PushEndpoints.IsPublic(IPAddress.Parse(address)).ShouldBe(isPublic);

    [Fact]
    public async Task A_name_that_leads_into_a_private_network_is_not_connected_to()
    {
        using var http = new HttpClient(PushEndpoints.Handler(allowPrivate: false));

        var failure = await Should.ThrowAsync<HttpRequestException>(() => http.PostAsync(new Uri("https://localhost/"), null));

        failure.ToString().ShouldContain("no public address");
    }

    private static byte[] Decode(string text) => Base64Url.DecodeFromChars(text);
}
