namespace Qwen3.LlamaCpp.Gguf;

/// <summary>What a GGUF file says of a tensor.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Dimensions">Its lengths, the innermost first.</param>
/// <param name="Type">Its <c>ggml_type</c>.</param>
/// <param name="Bytes">The size of its data.</param>
internal sealed record GgufTensor(string Name, long[] Dimensions, uint Type, long Bytes);
