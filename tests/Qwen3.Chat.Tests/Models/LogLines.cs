using Microsoft.Extensions.Logging;
using Moq;

namespace Qwen3.Chat.Tests.Models;

/// <summary>Collects log entries.</summary>
internal static class LogLines
{
    /// <summary>Returns a factory for loggers that add each message, followed by its exception, to a list.</summary>
    public static ILoggerFactory To(List<string> lines)
    {
        var logger = new Mock<ILogger>();
        logger.Setup(l => l.IsEnabled(It.IsAny<LogLevel>())).Returns(true);
        logger.Setup(
            l => l.Log(
                It.IsAny<LogLevel>(),
                It.IsAny<EventId>(),
                It.IsAny<It.IsAnyType>(),
                It.IsAny<Exception?>(),
                It.IsAny<Func<It.IsAnyType,
                Exception?,
                string>>()))
            .Callback(new InvocationAction(invocation =>
            {
                lock (lines)
                {
                    lines.Add($"{invocation.Arguments[2]} {invocation.Arguments[3]}".TrimEnd());
                }
            }));
        var factory = new Mock<ILoggerFactory>();
        factory.Setup(f => f.CreateLogger(It.IsAny<string>())).Returns(logger.Object);
        return factory.Object;
    }
}
