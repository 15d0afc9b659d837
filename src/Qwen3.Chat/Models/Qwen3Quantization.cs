namespace Qwen3.Chat.Models;

/// <summary>One way in which a model of the catalogue is quantized.</summary>
/// <param name="Name">Its name, as it stands in the names of files, such as <c>Q4_K_M</c>.</param>
/// <param name="ApproximateBytes">
/// About how large the file is: the three models of the catalogue have the same number of weights, and this is what a card of the hybrid one gives.
/// The hub tells the exact size before anything is fetched.
/// </param>
public sealed record Qwen3Quantization(string Name, long ApproximateBytes);
