using System.Globalization;
using System.Text.RegularExpressions;

namespace Qwen3.Chat.Models;

/// <summary>What the name of a GGUF file says, as the field writes them: <c>model-Q4_K_M.gguf</c>, <c>model-Q8_0-00001-of-00003.gguf</c>.</summary>
/// <param name="Stem">The name up to the number of a part, without extension, with the folders before it.</param>
/// <param name="Part">Which part of a split model it is, from 1; 1 if it is not split.</param>
/// <param name="Parts">How many parts there are; 1 if it is not split.</param>
internal sealed partial record GgufName(string Stem, int Part, int Parts)
{
    // What repositories have beside the model: vision parts, importance matrices, draft models.
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

    /// <summary>Reads the name of a file; <see langword="null"/> if it is not that of a GGUF model.</summary>
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

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex("^(?<stem>.+)-(?<part>[0-9]{5})-of-(?<parts>[0-9]{5})$", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex PartPattern();

    [GeneratedRegex(
        "(?:^|[-._/\\\\])(?<name>(?:UD-)?(?:I?Q[0-9]+(?:_[A-Z0-9]+)*|TQ[0-9]_[0-9]|BF16|F16|F32|FP16|MXFP4(?:_MOE)?|NVFP4))$",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex QuantizationPattern();
}
