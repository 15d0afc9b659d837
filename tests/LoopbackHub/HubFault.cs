namespace Qwen3.Tests;

/// <summary>What goes wrong with one answer.</summary>
public sealed record HubFault
{
    /// <summary>Answers with this status and nothing else.</summary>
    public int? Status { get; init; }

    public Dictionary<string, string> Headers { get; init; } = [];

    /// <summary>Cuts the connection after so many bytes of the body.</summary>
    public long? CutAfter { get; init; }

    /// <summary>After so many bytes of the body nothing comes until the task ends.</summary>
    public (long After, Task Until)? Stall { get; init; }

    /// <summary>Sends the whole file whatever range was asked for.</summary>
    public bool IgnoresRange { get; init; }

    /// <summary>Sends the requested part without saying which part it is.</summary>
    public bool OmitsContentRange { get; init; }

    /// <summary>Sends the beginning of the file as if it were the requested part, without saying which part it is.</summary>
    public bool SendsWrongPart { get; init; }

    /// <summary>Sends without end, with no length given.</summary>
    public bool IsEndless { get; init; }

    /// <summary>Sends other bytes than the file has.</summary>
    public bool IsDamaged { get; init; }

    /// <summary>Sends this in place of the answer.</summary>
    public string? Body { get; init; }
}
