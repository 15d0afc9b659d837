[assembly: AssemblyFixture(typeof(Qwen3.Tests.OneProgramAtATime))]

namespace Qwen3.Tests;

/// <summary>
/// Makes the test programs, which `dotnet test` starts side by side, run one after the other: each computes on all cores, and
/// llama.cpp's threads wait for each other without giving their core away, so that together they take many times as long.
/// </summary>
public sealed class OneProgramAtATime : IDisposable
{
    private readonly ManualResetEventSlim _hasTurn = new();
    private readonly ManualResetEventSlim _isDone = new();
    private readonly Thread _owner;

    public OneProgramAtATime()
    {
        // A mutex is given back by the thread that took it.
        _owner = new Thread(Hold) { IsBackground = true };
        _owner.Start();
        _hasTurn.Wait();
    }

    public void Dispose()
    {
        _isDone.Set();
        _owner.Join();
        _hasTurn.Dispose();
        _isDone.Dispose();
    }

    private void Hold()
    {
        // Global, for a shell may start each program in a session of its own. Who runs a few tests here and all of them there can name another one.
        string name = Environment.GetEnvironmentVariable("QWEN3SK_TESTS_TURN") ?? "qwen3sk-tests";
        using var turn = new Mutex(initiallyOwned: false, $@"Global\{name}");
        try
        {
            turn.WaitOne();
        }
        catch (AbandonedMutexException)
        {
            // The program before was killed; it is this one's turn all the same.
        }

        _hasTurn.Set();
        _isDone.Wait();
        turn.ReleaseMutex();
    }
}
