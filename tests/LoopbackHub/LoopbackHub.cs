using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Qwen3.Tests;

/// <summary>
/// A server with the parts of the interfaces of the Hugging Face Hub and ModelScope that fetching uses: it lists
/// repositories, describes files in headers and redirects to another host (<c>localhost</c>, while the hub is
/// <c>127.0.0.1</c>) for their content.
/// </summary>
public sealed class LoopbackHub : IAsyncDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly WebApplication _application;
    private readonly ConcurrentDictionary<string, HubContent> _files = new();
    private long _bytesSent;

    private LoopbackHub(WebApplication application)
    {
        _application = application;
    }

    public Uri Endpoint { get; private set; } = null!;

    public ConcurrentQueue<HubRequest> Requests { get; } = new();

    /// <summary>The number of sent bytes of files.</summary>
    public long BytesSent => Interlocked.Read(ref _bytesSent);

    /// <summary>The token that requests require; none by default.</summary>
    public string? Token { get; set; }

    /// <summary>Lists files without their sizes and checksums, as some mirrors do.</summary>
    public bool HasPlainListing { get; set; }

    /// <summary>Returns the fault of a request.</summary>
    public Func<HubRequest, HubFault?> Fault { get; set; } = _ => null;

    public static async Task<LoopbackHub> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, 0);
            options.Limits.MinResponseDataRate = null;
        });
        var hub = new LoopbackHub(builder.Build());
        hub._application.Run(hub.AnswerAsync);
        await hub._application.StartAsync();
        hub.Endpoint = new Uri(hub._application.Urls.Single() + "/");
        return hub;
    }

    /// <summary>Adds a file to a repository.</summary>
    /// <returns>Its checksum.</returns>
    public string Add(string repository, string path, byte[] content) =>
        Add(repository, path,
            new HubContent(content, content.Length, Convert.ToHexStringLower(SHA256.HashData(content))));

    public string Add(string repository, string path, HubContent content)
    {
        _files[$"{repository}/{path}"] = content;
        return content.Checksum;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        RangeItemHeaderValue? range = context.Request.GetTypedHeaders().Range?.Ranges.Single();
        var request = new HubRequest(
            context.Request.Method,
            context.Request.Host.Host,
            context.Request.Path,
            range?.From,
            range?.To,
            context.Request.Headers.Authorization);
        Requests.Enqueue(request);
        HubFault fault = Fault(request) ?? new();
        foreach ((string name, string value) in fault.Headers)
        {
            context.Response.Headers[name] = value;
        }

        if (fault.Status is { } status)
        {
            context.Response.StatusCode = status;
        }
        else if (fault.Body is not null)
        {
            await context.Response.WriteAsync(fault.Body);
        }
        else if (Token is not null && !request.IsContent && request.Authorization != $"Bearer {Token}")
        {
            context.Response.StatusCode = 401;
            context.Response.Headers["X-Error-Code"] = "RepoNotFound";
        }
        else
        {
            await AnswerAsync(context, request, fault);
        }
    }

    private async Task AnswerAsync(HttpContext context, HubRequest request, HubFault fault)
    {
        string[] segments = request.Path.Trim('/').Split('/');
        switch (segments)
        {
            case ["api", "models", var owner, var name, "revision", "main"] when Files($"{owner}/{name}") is { Count: > 0 } files:
                await WriteJsonAsync(context, new
                {
                    sha = Commit,
                    siblings = files.Select(file => HasPlainListing
                        ? (object)new { rfilename = file.Path }
                        : new
                        {
                            rfilename = file.Path,
                            size = file.Content.Length,
                            lfs = new { sha256 = file.Content.Checksum, size = file.Content.Length },
                        }),
                });
                break;
            case ["api", "v1", "models", var owner, var name, "repo", "files"] when Files($"{owner}/{name}") is { Count: > 0 } files:
                await WriteJsonAsync(context, new
                {
                    Code = 200,
                    Data = new
                    {
                        Files = files.Select(file => new
                        {
                            Type = "blob",
                            file.Path,
                            Size = file.Content.Length,
                            Sha256 = file.Content.Checksum,
                            Revision = Commit,
                        }),
                    },
                });
                break;
            case ["api", "v1", "models", var owner, var name, "repo"] when _files.TryGetValue(
                $"{owner}/{name}/{context.Request.Query["FilePath"]}", out HubContent? file):
                SendOn(context, file);
                break;
            case [var owner, var name, "resolve", Commit, .. var path] when _files.TryGetValue(
                $"{owner}/{name}/{string.Join('/', path)}", out HubContent? file):
                SendOn(context, file);
                context.Response.Headers["X-Linked-ETag"] = $"\"{file.Checksum}\"";
                context.Response.Headers["X-Linked-Size"] = file.Length.ToString(CultureInfo.InvariantCulture);
                context.Response.Headers["X-Repo-Commit"] = Commit;
                break;
            case ["content", var checksum] when _files.Values.FirstOrDefault(candidate => candidate.Checksum == checksum) is { } file
                && context.Request.Query["signature"] == "secret":
                await SendAsync(context, file, request, fault);
                break;
            default:
                context.Response.StatusCode = 404;
                break;
        }
    }

    private List<(string Path, HubContent Content)> Files(string repository) =>
    [
        .. _files.Where(entry => entry.Key.StartsWith(repository + "/", StringComparison.Ordinal))
            .Select(entry => (entry.Key[(repository.Length + 1)..], entry.Value))
            .Order(),
    ];

    private void SendOn(HttpContext context, HubContent file)
    {
        context.Response.StatusCode = 302;
        context.Response.Headers.Location =
            $"http://localhost:{Endpoint.Port}/content/{file.Checksum}?signature=secret";
    }

    private async Task SendAsync(HttpContext context, HubContent file, HubRequest request, HubFault fault)
    {
        long start = fault.IgnoresRange ? 0 : request.RangeStart ?? 0, end = file.Length;
        if (request.RangeStart is not null && !fault.IgnoresRange)
        {
            end = Math.Min(end, request.RangeEnd!.Value + 1);
            if (start >= end)
            {
                context.Response.StatusCode = 416;
                return;
            }

            context.Response.StatusCode = 206;
            if (fault.SendsWrongPart)
            {
                (start, end) = (0, end - start);
            }
            else if (!fault.OmitsContentRange)
            {
                context.Response.Headers.ContentRange = $"bytes {start}-{end - 1}/{file.Length}";
            }
        }

        if (!fault.IsEndless)
        {
            context.Response.ContentLength = end - start;
        }

        for (long offset = start, rest; (rest = end - offset) > 0 || fault.IsEndless;)
        {
            ReadOnlyMemory<byte> piece = file.Piece(fault.IsEndless ? 0 : offset, fault.IsEndless ? 1 << 16 : rest);
            bool isCut = false;
            if (fault.CutAfter is { } cut && offset + piece.Length - start >= cut)
            {
                piece = piece[..(int)(cut - (offset - start))];
                isCut = true;
            }

            if (fault.Stall is { } stall && offset - start >= stall.After)
            {
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await stall.Until.WaitAsync(context.RequestAborted);
            }

            await context.Response.Body.WriteAsync(
                fault.IsDamaged ? piece.ToArray().Select(value => (byte)~value).ToArray() : piece, context.RequestAborted);
            Interlocked.Add(ref _bytesSent, piece.Length);
            offset += piece.Length;
            if (isCut)
            {
                await context.Response.Body.FlushAsync(context.RequestAborted);
                context.Abort();
                return;
            }
        }
    }

    private static Task WriteJsonAsync(HttpContext context, object value)
    {
        context.Response.ContentType = "application/json";
        return context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(value))).AsTask();
    }
}
