namespace Qwen3.Chat.Tests.Constraints;

public sealed class NumberTests(ModelFixture models) : IClassFixture<ModelFixture>
{
    [Fact]
    public void Integers_fit_a_long()
    {
        const string schema = """{"type":"integer"}""";
        models.Accepts(schema, "0", "-0", "7", "-12", "9223372036854775807", "-9223372036854775808", "999999999999999999");
        models.Rejects(schema, "01", "1.0", "1e3", "+1", "", "-", "9223372036854775808", "-9223372036854775809", "10000000000000000000", "\"1\"", " 1", "1 ");
    }

    [Theory]
    [InlineData("""{"type":"integer","minimum":0,"maximum":100}""", 0, 100)]
    [InlineData("""{"type":"integer","minimum":-5,"maximum":120}""", -5, 120)]
    [InlineData("""{"type":"integer","minimum":1}""", 1, null)]
    [InlineData("""{"type":"integer","maximum":-7}""", null, -7)]
    [InlineData("""{"type":"integer","exclusiveMinimum":9,"exclusiveMaximum":1001}""", 10, 1000)]
    [InlineData("""{"type":"integer","minimum":9,"exclusiveMinimum":true,"maximum":20,"exclusiveMaximum":true}""", 10, 19)]
    [InlineData("""{"type":"integer","minimum":9,"exclusiveMinimum":false,"maximum":20}""", 9, 20)]
    [InlineData("""{"type":"integer","minimum":1e3,"maximum":1.2e3}""", 1000, 1200)]
    [InlineData("""{"type":"integer","minimum":-5.5,"maximum":5.5}""", -5, 5)]
    [InlineData("""{"type":"integer","exclusiveMinimum":-5.5,"exclusiveMaximum":5.5}""", -5, 5)]
    [InlineData("""{"type":"integer","minimum":-1.7976931348623157E+308,"maximum":3}""", null, 3)]
    [InlineData("""{"type":"number","multipleOf":1,"minimum":3,"maximum":33}""", 3, 33)]
    [InlineData("""{"minimum":197,"maximum":1203,"type":"integer","allOf":[{"maximum":305},{"minimum":12}]}""", 197, 305)]
    [InlineData("""{"type":"integer","format":"int8"}""", -128, 127)]
    [InlineData("""{"type":"integer","format":"uint8"}""", 0, 255)]
    [InlineData("""{"type":"integer","minimum":42,"maximum":42}""", 42, 42)]
    public void Bounds_of_integers_are_exact(string schema, int? low, int? high)
    {
        var grammar = models.Compile(schema);
        for (int number = -1300; number <= 1300; number++)
        {
            bool isExpected = !(number < low) && !(number > high);
            Assert.True(grammar.Accepts($"{number}") == isExpected, $"{schema}: {number}\n{grammar}");
        }
    }

    [Fact]
    public void Formats_of_integers_are_ranges()
    {
        models.Accepts("""{"type":"integer","format":"int32"}""", "2147483647", "-2147483648", "0");
        models.Rejects("""{"type":"integer","format":"int32"}""", "2147483648", "-2147483649");
        models.Accepts("""{"type":"integer","format":"int64"}""", "9223372036854775807", "-9223372036854775808");
        models.Rejects("""{"type":"integer","format":"int64"}""", "9223372036854775808");
        models.Accepts("""{"format":"uint64"}""", "18446744073709551615", "0");
        models.Rejects("""{"type":"integer","format":"uint64"}""", "18446744073709551616", "-1");
    }

    [Fact]
    public void Bounds_beyond_a_long_are_kept()
    {
        models.Accepts("""{"type":"integer","minimum":100000000000000000000}""", "100000000000000000000", "999999999999999999999");
        models.Rejects("""{"type":"integer","minimum":100000000000000000000}""", "99999999999999999999", "1");
        models.Accepts("""{"type":"integer","maximum":-100000000000000000000}""", "-100000000000000000000");
        models.Rejects("""{"type":"integer","maximum":-100000000000000000000}""", "-1", "1");
        const string far = """{"type":"number","exclusiveMinimum":1e27,"maximum":79228162514264337593543950335}""";
        models.Accepts(far, "1000000000000000000000000001", "2000000000000000000000000000.5");
        models.Rejects(far, "1000000000000000000000000000", "1");
        models.Accepts("""{"type":"integer","exclusiveMaximum":79228162514264337593543950335,"exclusiveMinimum":-79228162514264337593543950335}""", "1");
    }

    [Fact]
    public void Numbers_are_those_that_decimal_and_double_hold()
    {
        const string schema = """{"type":"number"}""";
        models.Accepts(schema, "0", "-0", "3.14", "-12.5e-3", "1E+24", "1e24", "2e-99", "9999999999999999.9999999999999999", "1.5e9");
        models.Rejects(schema, "1e25", "1e-100", "12345e2", "01", ".5", "5.", "1e", "99999999999999999", "NaN", "1.12345678901234567");
    }

    [Theory]
    [InlineData("""{"type":"number","minimum":0}""", 0d, true, null, true)]
    [InlineData("""{"type":"number","exclusiveMinimum":0}""", 0d, false, null, true)]
    [InlineData("""{"type":"number","minimum":0,"maximum":1}""", 0d, true, 1d, true)]
    [InlineData("""{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1}""", 0d, false, 1d, false)]
    [InlineData("""{"type":"number","minimum":-1.25,"maximum":2.5}""", -1.25d, true, 2.5d, true)]
    [InlineData("""{"type":"number","exclusiveMinimum":-1.25,"exclusiveMaximum":2.5}""", -1.25d, false, 2.5d, false)]
    [InlineData("""{"type":"number","minimum":1.234,"maximum":1.298}""", 1.234d, true, 1.298d, true)]
    [InlineData("""{"type":"number","exclusiveMinimum":1.2,"exclusiveMaximum":1.21}""", 1.2d, false, 1.21d, false)]
    [InlineData("""{"type":"number","maximum":-0.5}""", null, true, -0.5d, true)]
    [InlineData("""{"type":"number","exclusiveMaximum":0}""", null, true, 0d, false)]
    [InlineData("""{"type":"number","maximum":0}""", null, true, 0d, true)]
    [InlineData("""{"type":"number","minimum":0.05,"maximum":0.05}""", 0.05d, true, 0.05d, true)]
    [InlineData("""{"type":"number","exclusiveMinimum":0.5,"maximum":1.5,"multipleOf":0.01}""", 0.5d, false, 1.5d, true)]
    public void Bounds_of_numbers_are_exact(string schema, double? low, bool withLow, double? high, bool withHigh)
    {
        var grammar = models.Compile(schema);
        decimal[] bounds = [.. new[] { low, high, 0 }.OfType<double>().Select(bound => (decimal)bound)];
        string[] steps = ["0", "0.01", "0.1", "1", "10", "0.05", "0.25", "3"];
        foreach (decimal number in bounds.SelectMany(bound => steps.SelectMany(step => new[] { bound + decimal.Parse(step), bound - decimal.Parse(step) })))
        {
            bool isExpected = !(number < (decimal?)low) && !(number > (decimal?)high) &&
                (withLow || number != (decimal?)low) && (withHigh || number != (decimal?)high);
            string[] texts = number.ToString().Contains('.') ? [$"{number}", $"{number:0.####}"] : [$"{number}", $"{number}.0", $"{number}.00"];
            foreach (string text in texts)
            {
                Assert.True(grammar.Accepts(text) == isExpected, $"{schema}: {text}\n{grammar}");
            }
        }
    }

    [Fact]
    public void Multiples_of_a_hundredth_have_two_digits_at_most()
    {
        const string schema = """{"type":"number","multipleOf":0.01}""";
        models.Accepts(schema, "1", "1.5", "-1.25", "0.01");
        models.Rejects(schema, "1.255", "1e3");
        models.Accepts("""{"type":"number","multipleOf":1.0}""", "-5");
        models.Rejects("""{"type":"number","multipleOf":1.0}""", "5.0");
    }

    [Fact]
    public void Every_grammar_of_a_random_integer_range_is_exact()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        for (int round = 0; round < 60; round++)
        {
            long scale = (long)Math.Pow(10, random.Next(1, 16));
            long low = random.NextInt64(-scale, scale), high = random.NextInt64(low, low + scale);
            var grammar = models.Compile($$"""{"type":"integer","minimum":{{low}},"maximum":{{high}}}""");
            long[] numbers =
            [
                low - 1, low, low + 1, high - 1, high, high + 1, 0, -low, -high, low * 10, high / 10,
                random.NextInt64(-scale, scale), random.NextInt64(low, high),
            ];
            foreach (long number in numbers)
            {
                Assert.True(grammar.Accepts($"{number}") == (low <= number && number <= high), $"seed {seed}: {low}..{high}: {number}\n{grammar}");
            }
        }
    }
}
