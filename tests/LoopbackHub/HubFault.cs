namespace Qwen3.Tests;

/// <summary>A fault of one answer.</summary>
public sealed record HubFault
{
    /// <summary>Answers with this status and nothing else.</summary>
    public int? Status { get; init; }

    public Dictionary<string, string> Headers { get; init; } = [];

    /// <summary>Cuts the connection after so many bytes of the body.</summary>
    public long? CutAfter { get; init; }

    /// <summary>Stalls after a number of bytes of the body until the task ends.</summary>
    public (long After, Task Until)? Stall { get; init; }

    /// <summary>Sends the whole file instead of the requested range.</summary>
    public bool IgnoresRange { get; init; }

    /// <summary>Sends the requested part without saying which part it is.</summary>
    public bool OmitsContentRange { get; init; }

    /// <summary>
    /// Sends the beginning of the file as if it were the requested part, without saying which part it is.
    /// </summary>
    public bool SendsWrongPart { get; init; }

    /// <summary>Sends an endless body without a length.</summary>
    public bool IsEndless { get; init; }

    /// <summary>Sends wrong bytes.</summary>
    public bool IsDamaged { get; init; }

    /// <summary>Sends this body instead of the answer.</summary>
    public string? Body { get; init; }
}
