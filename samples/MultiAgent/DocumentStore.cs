using System.ComponentModel;

namespace MultiAgent;

/// <summary>A few documents of a company that does not exist.</summary>
internal static class DocumentStore
{
    private static readonly Dictionary<string, string> s_documents = new()
    {
        ["Booking travel"] = "Flights and hotels are booked by the travel desk, two weeks ahead. Train tickets you book yourself, second class.",
        ["Travel expenses"] = "Train tickets are paid back, hotels up to 140 euros a night, meals with 32 euros a day. Receipts: within 30 days.",
        ["Working abroad"] = "Up to ten days a year may be worked from another country of the Union. Tell the people desk a week before.",
        ["Holidays"] = "There are 28 days of holiday a year. Up to five may be taken over into the next, until the end of March.",
    };

    public static string Titles => string.Join('\n', s_documents.Keys.Select(title => $"- {title}"));

    [Description("Searches the company's documents and returns those that fit best.")]
    public static string Search([Description("What to search for, in a few words")] string query)
    {
        string[] words = query.Split([' ', ',', '.', '?'], StringSplitOptions.RemoveEmptyEntries);
        IEnumerable<string> found = s_documents
            .Select(document => (Text: $"{document.Key}: {document.Value}", document.Key))
            .Select(document => (document.Text, Hits: words.Count(word => document.Text.Contains(word, StringComparison.OrdinalIgnoreCase))))
            .Where(document => document.Hits > 0)
            .OrderByDescending(document => document.Hits)
            .Take(2)
            .Select(document => document.Text);
        return string.Join('\n', found) is { Length: > 0 } text ? text : "No document fits.";
    }
}
