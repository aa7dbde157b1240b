using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CryptoAI.Storage.Notifications;

namespace CryptoAI.Tests.Storage.Notifications;

public sealed partial class NotificationTextsTests
{
    [Fact]
    public void Every_language_has_every_text_with_the_same_placeholders()
    {
        var english = NotificationTexts.Of("en");
        foreach (var language in NotificationTexts.Languages)
        {
            var texts = NotificationTexts.Of(language);
            texts.Keys.ShouldBe(english.Keys, ignoreOrder: true);
            foreach (var (key, text) in texts)
            {
                Placeholders(text.Title).ShouldBe(Placeholders(english[key].Title), $"{language} {key}");
                Placeholders(text.Message).ShouldBe(Placeholders(english[key].Message), $"{language} {key}");
                Placeholders(text.Mail).ShouldBe(Placeholders(english[key].Mail), $"{language} {key}");
            }
        }
    }

    [Fact]
    public void Every_template_has_its_text()
    {
        var templates = typeof(NotificationTemplates).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetValue(null)!);

        NotificationTexts.Of("en").Keys.ShouldBe(templates, ignoreOrder: true);
    }

    [Fact]
    public void Persian_isolates_values_so_that_they_keep_their_order()
    {
        var data = new JsonObject { ["symbol"] = "BTC", ["triggerValue"] = 65000.500m, ["price"] = 65001m };

        var text = NotificationTexts.Render("fa-IR", NotificationTemplates.PriceAbove, null, data);

        text.Title.ShouldBe("هشدار \u2068BTC\u2069");
        text.Message.ShouldBe("\u2068BTC\u2069 به \u206865000.5\u2069 دلار یا بالاتر رسید: \u206865001\u2069 دلار.");
    }

    [Fact]
    public void What_a_value_holds_is_not_a_placeholder()
    {
        var data = new JsonObject { ["symbol"] = "{price}", ["triggerValue"] = 1, ["price"] = 2 };

        NotificationTexts.Render("en", NotificationTemplates.PriceAbove, null, data).Title.ShouldBe("{price} alert");
    }

    [Fact]
    public void A_language_without_texts_is_answered_in_english_and_a_missing_value_is_an_error()
    {
        NotificationTexts.Known("de").ShouldBe("en");
        Should.Throw<KeyNotFoundException>(() => NotificationTexts.Render("de", NotificationTemplates.PriceAbove, null, new JsonObject()));
    }

    private static string[] Placeholders(string? text) => text is null ? [] : [.. Placeholder().Matches(text).Select(match => match.Value).Order()];

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Placeholder();
}
