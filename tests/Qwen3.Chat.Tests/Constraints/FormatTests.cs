using System.Globalization;
using System.Text.Json;

namespace Qwen3.Chat.Tests.Constraints;

public sealed class FormatTests(ModelFixture models) : IClassFixture<ModelFixture>
{
    [Theory]
    [InlineData(
        "date",
        "2024-02-29 2023-02-28 0001-01-01 9999-12-31 2000-02-29 0400-02-29 1996-02-29 2024-04-30",
        "2023-02-29 1900-02-29 0000-01-01 2024-13-01 2024-00-01 2024-04-31 2024-01-32 2024-1-1 24-01-01 2024-01-00")]
    [InlineData("time", "12:00:00 23:59:59.1234567 00:00:00.1", "24:00:00 12:60:00 12:00:60 12:00 12:00:00Z 12:00:00.12345678 12:00:00. 1:00:00")]
    [InlineData(
        "date-time",
        "2024-02-29T12:00:00Z 0001-01-01T00:00:00Z 9999-12-31T23:59:59.9999999Z 0001-01-01T00:00:00+00:00 2024-01-01T00:00:00+14:00 " +
        "1000-01-01T00:00:00-13:59",
        "2024-01-01 2024-01-01T00:00:00 2024-01-01T24:00:00Z 2024-01-01T00:00:00+14:01 2024-01-01T00:00:00+15:00 9999-01-01T00:00:00+01:00 " +
        "0001-01-01T00:00:00+01:00 2023-02-29T00:00:00Z 1100-02-29T00:00:00+01:00 2024-01-01t00:00:00z")]
    [InlineData("duration", "00:00:00 -01:02:03.5 1.00:00:00 10675198.23:59:59.9999999 -7.01:00:00", "24:00:00 10675199.00:00:00 01.00:00:00 PT5M 1:00:00 1.1")]
    [InlineData(
        "uuid",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301 3F2504E0-4F89-11D3-9A0C-0305E82C3301",
        "3f2504e04f8911d39a0c0305e82c3301 {3f2504e0-4f89-11d3-9a0c-0305e82c3301} 3f2504e0-4f89-11d3-9a0c-0305e82c330g")]
    [InlineData("email", "a@b.org first.last+tag@mail.example.com", "a a@b @b.org a@b. a@b@c.d .a@b.c a.@b.c")]
    [InlineData("ipv4", "0.0.0.0 255.255.255.255 192.168.1.10", "256.0.0.0 1.2.3 1.2.3.4.5 01.2.3.4 1.2.3.")]
    [InlineData("hostname", "localhost a-b.example.org 1.2", "-a a- a..b .a a_b")]
    [InlineData(
        "uri",
        "https://example.org http://localhost:8080/a/b%20c?q=1&r=2#top ftp://a.b:65535/",
        "example.org /path https:// http://a:65536 http://a:99999 file://host:80/x http://a/%zz http://a/b\u00e9 http://:1")]
    [InlineData("byte", "AAAA AQ== AQI= TWFu+/8=", "A AA AAA AAAAA =AAA A=== AR== AQJ=")]
    [InlineData("base64", "AQ==", "AQ=")]
    public void Formats_are_exact(string format, string accepted, string rejected)
    {
        string schema = $$"""{"type":"string","format":"{{format}}"}""";
        models.Accepts(schema, [.. accepted.Split(' ').Select(text => $"\"{text}\"")]);
        models.Rejects(schema, [.. rejected.Split(' ').Append("").Except(format is "byte" or "base64" ? [""] : []).Select(text => $"\"{text}\""), "1"]);
    }

    [Fact]
    public void Content_that_is_base64_is_base64()
    {
        models.Accepts("""{"type":"string","contentEncoding":"base64"}""", "\"AQ==\"", "\"\"");
        models.Rejects("""{"type":"string","contentEncoding":"base64"}""", "\"AQ\"");
    }

    [Fact]
    public void Every_day_of_the_calendar_is_a_date_and_no_other()
    {
        var date = models.Compile("""{"format":"date"}""");
        foreach (int year in (int[])[1, 4, 100, 400, 1600, 1700, 1999, 2000, 2023, 2024, 2100, 9996, 9999])
        {
            for (int month = 1; month <= 12; month++)
            {
                for (int day = 27; day <= 32; day++)
                {
                    string text = $"{year:0000}-{month:00}-{day:00}";
                    bool exists = DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
                    Assert.True(date.Accepts($"\"{text}\"") == exists, text);
                }
            }
        }
    }

    [Fact]
    public void Leap_days_with_an_offset_are_those_of_the_calendar()
    {
        var moment = models.Compile("""{"format":"date-time"}""");
        for (int year = 1000; year <= 8999; year += 4)
        {
            Assert.True(moment.Accepts($"\"{year}-02-29T00:00:00+01:00\"") == DateTime.IsLeapYear(year), $"{year}");
        }
    }

    [Fact]
    public void What_a_format_allows_binds_to_the_type_it_stands_for()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        (string Format, Type Type)[] types =
        [
            ("date", typeof(DateOnly)), ("time", typeof(TimeOnly)), ("date-time", typeof(DateTimeOffset)), ("date-time", typeof(DateTime)),
            ("duration", typeof(TimeSpan)), ("uuid", typeof(Guid)), ("uri", typeof(Uri)), ("byte", typeof(byte[])),
        ];
        foreach ((string format, Type type) in types)
        {
            var sentences = new SentenceGenerator(models.Compile($$"""{"type":"string","format":"{{format}}"}""").ToString());
            for (int i = 0; i < 500; i++)
            {
                string sentence = sentences.Next(random);
                Exception? failure = Record.Exception(() => Assert.NotNull(JsonSerializer.Deserialize(sentence, type)));
                Assert.True(failure is null, $"seed {seed}: {format} {sentence}: {failure?.Message}");
                bool isAbsolute = type != typeof(Uri) || Uri.TryCreate(JsonSerializer.Deserialize<string>(sentence), UriKind.Absolute, out _);
                Assert.True(isAbsolute, $"seed {seed}: {sentence}");
            }
        }
    }

    [Fact]
    public void What_the_number_rules_allow_binds_to_decimal_and_long()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        foreach ((string schema, Type type) in new[]
        {
            ("""{"type":"number"}""", typeof(decimal)), ("""{"type":"number"}""", typeof(double)), ("""{"type":"integer"}""", typeof(long)),
            ("""{"type":"number","minimum":-3.25}""", typeof(decimal)), ("""{"type":"integer","format":"int32"}""", typeof(int)),
            ("""{"type":"integer","minimum":-100,"maximum":100}""", typeof(sbyte)),
        })
        {
            var sentences = new SentenceGenerator(models.Compile(schema).ToString());
            for (int i = 0; i < 500; i++)
            {
                string sentence = sentences.Next(random);
                Exception? failure = Record.Exception(() => JsonSerializer.Deserialize(sentence, type));
                Assert.True(failure is null, $"seed {seed}: {schema} {sentence}: {failure?.Message}");
            }
        }
    }
}
