namespace Qwen3.LlamaCpp;

/// <summary>How the keys and values of a context are stored.</summary>
public enum KeyValueCacheType
{
    /// <summary>Half precision: 144 KiB a token for Qwen3-4B.</summary>
    F16,

    /// <summary>8.5 bits a value: 76.5 KiB a token for Qwen3-4B, with hardly a loss.</summary>
    Q8_0,

    /// <summary>4.5 bits a value: 40.5 KiB a token for Qwen3-4B, with a loss that long conversations show.</summary>
    Q4_0,
}
