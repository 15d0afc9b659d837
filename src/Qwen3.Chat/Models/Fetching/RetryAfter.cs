namespace Qwen3.Chat.Models.Fetching;

/// <summary>How long a hub asks to be left alone (the header <c>Retry-After</c>), and how much of that is waited for.</summary>
internal static class RetryAfter
{
    /// <summary>The longest wait between two attempts. Who is to wait for longer is told so, and waits in vain for nothing.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>What an answer asks for; <see langword="null"/> if it does not, or for a time that is over.</summary>
    public static TimeSpan? Read(HttpResponseMessage? response, TimeProvider timeProvider)
    {
        TimeSpan? wait = response?.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - timeProvider.GetUtcNow(),
            _ => null,
        };
        return wait > TimeSpan.Zero ? wait : null;
    }

    /// <summary>What to do after a failure.</summary>
    public static string Advice(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } when delta > TimeSpan.Zero => $"Try again in {delta.TotalSeconds:0} s ({delta:c}), as it asks for",
        { Date: { } date } => $"Try again after {date:u}, as it asks for",
        _ => "Try again later",
    };
}
