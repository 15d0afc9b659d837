using System.Globalization;
using System.Text.RegularExpressions;

namespace Qwen3.Chat.Models;

/// <summary>The parts of a GGUF file name: <c>model-Q4_K_M.gguf</c>, <c>model-Q8_0-00001-of-00003.gguf</c>.</summary>
/// <param name="Stem">The name with its folders, without the part number and the extension.</param>
/// <param name="Part">The number of the part of a split model, from 1; 1 if the model is not split.</param>
/// <param name="Parts">The number of parts; 1 if the model is not split.</param>
internal sealed partial record GgufName(string Stem, int Part, int Parts)
{
    /// <summary>The quantizations to choose where none is named, the best choice first.</summary>
    public static readonly string[] PreferredQuantizations = ["Q4_K_M", "Q8_0"];

    // GGUF files that are not models: vision parts, importance matrices, draft models.
    private static readonly string[] s_others = ["mmproj", "imatrix", "mtp-", "eagle3-", "dflash-", "dspark-"];

    /// <summary>The quantization in upper case, or <see langword="null"/> if the name has none.</summary>
    public string? Quantization
    {
        get
        {
            Match match = QuantizationPattern().Match(Stem);
            if (!match.Success)
            {
                match = QuantizationPattern().Match(Path.GetDirectoryName(Stem) ?? "");
            }

            return match.Success ? match.Groups["name"].Value.ToUpperInvariant() : null;
        }
    }

    /// <summary>The name without folders and quantization.</summary>
    public string Model => QuantizationPattern().Replace(Path.GetFileName(Stem), "");

    /// <summary>Parses a file name. Returns <see langword="null"/> if it is not the name of a GGUF model.</summary>
    public static GgufName? Read(string file)
    {
        const string Extension = ".gguf";
        if (!file.EndsWith(Extension, StringComparison.OrdinalIgnoreCase)
            || s_others.Any(other => Path.GetFileName(file).Contains(other, StringComparison.OrdinalIgnoreCase)))
        {
            return null;
        }

        string stem = file[..^Extension.Length];
        Match match = PartPattern().Match(stem);
        return match.Success
            ? new(match.Groups["stem"].Value, Number(match, "part"), Number(match, "parts"))
            : new(stem, 1, 1);
    }

    private static int Number(Match match, string group) =>
        int.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        "^(?<stem>.+)-(?<part>[0-9]{5})-of-(?<parts>[0-9]{5})$",
        RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex PartPattern();

    [GeneratedRegex(
        "(?:^|[-._/\\\\])" +
        "(?<name>(?:UD-)?(?:I?Q[0-9]+(?:_[A-Z0-9]+)*|TQ[0-9]_[0-9]|BF16|F16|F32|FP16|MXFP4(?:_MOE)?|NVFP4))$",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex QuantizationPattern();
}
