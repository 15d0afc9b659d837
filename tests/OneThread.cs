using System.Runtime.CompilerServices;

namespace Qwen3.Tests;

/// <summary>
/// Lets engines of tests compute on one thread unless a test sets another number: a nano model gains nothing from more, and test
/// programs that run side by side do not wait for each other's processors.
/// </summary>
internal static class OneThread
{
    [ModuleInitializer]
    internal static void Set() => Environment.SetEnvironmentVariable("QWEN3_THREADS", "1");
}
