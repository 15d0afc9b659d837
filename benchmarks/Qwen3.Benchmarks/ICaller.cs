namespace Qwen3.Benchmarks;

/// <summary>Asks for the weather in a city, streamed.</summary>
internal interface ICaller
{
    /// <param name="city">The city.</param>
    /// <param name="leaves">Whether to leave as soon as the answer has begun.</param>
    Task<(string Text, int Tokens)> AskAsync(string city, bool leaves);
}
