using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Agents.AI.Workflows.Checkpointing;
using Microsoft.Extensions.AI;
using Qwen3.LlamaCpp;

namespace Qwen3.Agents.Tests;

/// <summary>Files that a killed process, a full disk or somebody else has left in a folder of checkpoints.</summary>
public sealed class DamagedCheckpointTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("qwen3-agents-").FullName;
    private int _sent;

    private string Index => Path.Combine(_folder, "index.jsonl");

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"checkpointInfo\":{\"sessionId\":\"session\",\"checkpo")]
    [InlineData("\0\0\0\0")]
    public async Task A_torn_last_line_of_the_index_is_passed_over(string torn)
    {
        await RunInFolderAsync();
        string[] lines = File.ReadAllLines(Index);
        File.WriteAllText(Index, string.Join('\n', lines[..^1]) + '\n' + torn);
        await ResumesAsync("session");
        // The next one is in a line of its own.
        await RunInFolderAsync("another");
        await ResumesAsync("session");
        await ResumesAsync("another");
    }

    [Fact]
    public async Task A_last_line_of_the_index_without_its_end_is_read()
    {
        await RunInFolderAsync();
        File.WriteAllText(Index, File.ReadAllText(Index).TrimEnd());
        await RunInFolderAsync("another");
        await ResumesAsync("session");
        await ResumesAsync("another");
    }

    [Fact]
    public async Task The_folder_has_the_format_of_Agent_Framework()
    {
        using (var framework = new FileSystemJsonCheckpointStore(new(_folder)))
        {
            await RunAsync(framework, "session");
        }

        await ResumesAsync("session");
        await RunInFolderAsync("another");
        using var again = new FileSystemJsonCheckpointStore(new(_folder));
        using Qwen3Workflow workflow = Create(again);
        await using StreamingRun run = await workflow.ResumeStreamingAsync("another");
        Assert.Equal("Answer.", (await run.WatchAsync(Respond)).Result().Answer);
    }

    [Theory]
    [InlineData("{}", "has no object \"workflow\"")]
    [InlineData("[]", "is not a checkpoint")]
    [InlineData("\"text\"", "is not a checkpoint")]
    [InlineData("null", "is not a checkpoint")]
    [InlineData("{\"workflow\":{},\"runnerData\":{},\"stateData\":{},\"edgeStateData\":{},\"stepNumber\":-7}", "cannot be resumed")]
    public async Task A_file_that_is_no_checkpoint_is_named(string json, string message)
    {
        await RunInFolderAsync();
        string file = LastFile();
        File.WriteAllText(file, json);
        CheckpointException e = await Assert.ThrowsAsync<CheckpointException>(() => ResumesAsync("session"));
        Assert.Contains(file, e.Message);
        Assert.Contains(message, e.Message);

        using var framework = new FileSystemJsonCheckpointStore(new(_folder));
        using Qwen3Workflow workflow = Create(framework);
        e = await Assert.ThrowsAsync<CheckpointException>(() => workflow.ResumeStreamingAsync("session").AsTask());
        Assert.Contains(Path.GetFileName(file), e.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"stepNumber\":")]
    [InlineData("\0\0\0\0\0\0\0\0")]
    public async Task A_checkpoint_that_is_not_written_to_its_end_is_passed_over(string json)
    {
        await RunInFolderAsync();
        File.WriteAllText(LastFile(), json);
        await ResumesAsync("session");
    }

    [Fact]
    public async Task Files_in_other_encodings_are_read_passed_over_or_named()
    {
        await RunInFolderAsync();
        File.WriteAllText(LastFile(), File.ReadAllText(LastFile()), new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        File.WriteAllText(Index, File.ReadAllText(Index), new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        await ResumesAsync("session");
        File.WriteAllText(LastFile(), File.ReadAllText(LastFile()), Encoding.Unicode);
        await ResumesAsync("session");
        File.WriteAllText(Index, File.ReadAllText(Index), Encoding.Unicode);
        Assert.Contains(Index, Assert.Throws<CheckpointException>(() => new CheckpointFolder(_folder)).Message);
    }

    [Fact]
    public async Task Huge_files_are_not_read()
    {
        await RunInFolderAsync();
        using (FileStream file = File.OpenWrite(LastFile()))
        {
            file.SetLength(1L << 40);
        }

        CheckpointException e = await Assert.ThrowsAsync<CheckpointException>(() => ResumesAsync("session"));
        Assert.Contains(LastFile(), e.Message);
        using (FileStream file = File.OpenWrite(Index))
        {
            file.SetLength(1L << 40);
        }

        Assert.Contains(Index, Assert.Throws<CheckpointException>(() => new CheckpointFolder(_folder)).Message);
    }

    [Fact]
    public async Task Nothing_is_written_or_read_through_a_link()
    {
        string foreign = Path.Combine(_folder, "foreign");
        File.WriteAllText(foreign, "");
        string own = Path.Combine(_folder, "own");
        Directory.CreateDirectory(own);
        File.CreateSymbolicLink(Path.Combine(own, "index.jsonl"), foreign);
        Assert.Contains("symbolic link", Assert.Throws<CheckpointException>(() => new CheckpointFolder(own)).Message);

        File.Delete(Path.Combine(own, "index.jsonl"));
        File.CreateSymbolicLink(Path.Combine(own, "checkpoint.partial"), foreign);
        using (var folder = new CheckpointFolder(own))
        {
            await RunAsync(folder, "session");
        }

        Assert.Equal("", File.ReadAllText(foreign));
        string last = Path.Combine(own, JsonNode.Parse(File.ReadLines(Path.Combine(own, "index.jsonl")).Last())!["fileName"]!.GetValue<string>());
        File.Move(last, foreign, overwrite: true);
        File.CreateSymbolicLink(last, foreign);
        using var again = new CheckpointFolder(own);
        using Qwen3Workflow workflow = Create(again);
        CheckpointException e = await Assert.ThrowsAsync<CheckpointException>(() => workflow.ResumeStreamingAsync("session").AsTask());
        Assert.Contains(last, e.Message);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("order 17/ü\0\n%2E")]
    [InlineData("注文")]
    public async Task A_session_can_have_any_name(string session)
    {
        string name = string.Concat(Enumerable.Repeat(session, 60));
        await RunInFolderAsync(session);
        await RunInFolderAsync(name);
        await ResumesAsync(session);
        await ResumesAsync(name);
        Assert.All(Directory.GetFileSystemEntries(Path.GetDirectoryName(_folder)!, "passwd*"), Assert.Null);
    }

    [Fact]
    public void A_folder_is_used_by_one_at_a_time_and_given_back()
    {
        using (var first = new CheckpointFolder(_folder))
        {
            CheckpointException e = Assert.Throws<CheckpointException>(() => WorkflowCheckpoints.InFolder(_folder));
            Assert.Contains(_folder, e.Message);
        }

        using var second = new CheckpointFolder(_folder);
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        Assert.Contains(file, Assert.Throws<CheckpointException>(() => new CheckpointFolder(file)).Message);
    }

    [Theory]
    [InlineData("attempts", "\"x\"")]
    [InlineData("turns", "null")]
    [InlineData("goal", "{}")]
    [InlineData("dependsOn", "[7]")]
    [InlineData("status", "\"Flying\"")]
    [InlineData("state", "null")]
    [InlineData("usage", "[1]")]
    public async Task Work_of_other_types_ends_the_run_with_an_error(string member, string value)
    {
        var store = new MemoryStore();
        await RunAsync(store, "session", answers: 1);
        JsonNode checkpoint = JsonNode.Parse(store.Texts.Last())!;
        JsonObject[] owners = [.. Descendants(checkpoint["stateData"]!["steps||steps"]!).OfType<JsonObject>().Where(owner => owner.ContainsKey(member))];
        Assert.NotEmpty(owners);
        Array.ForEach(owners, owner => owner[member] = JsonNode.Parse(value));

        using Qwen3Workflow workflow = Create(MemoryStore.Of(checkpoint.ToJsonString()));
        await using StreamingRun run = await workflow.ResumeStreamingAsync("session");
        List<WorkflowEvent> events = await run.WatchStreamAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        CheckpointException e = Assert.IsType<CheckpointException>(Assert.Single(events.OfType<WorkflowErrorEvent>()).Exception);
        Assert.Contains("of the session session is damaged", e.Message);
        Assert.IsAssignableFrom<Qwen3Exception>(e);
        Assert.Equal(0, _sent);
    }

    [Fact]
    public async Task A_checkpoint_without_its_messages_ends_the_run_with_an_error()
    {
        var store = new MemoryStore();
        await RunAsync(store, "session", answers: 0);
        JsonNode checkpoint = JsonNode.Parse(store.Texts.Last())!;
        checkpoint["runnerData"]!["outstandingRequests"] = new JsonArray();
        using Qwen3Workflow workflow = Create(MemoryStore.Of(checkpoint.ToJsonString()));
        await using StreamingRun run = await workflow.ResumeStreamingAsync("session");
        List<WorkflowEvent> events = await run.WatchStreamAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        Assert.IsType<CheckpointException>(Assert.Single(events.OfType<WorkflowErrorEvent>()).Exception);
    }

    [Fact]
    public async Task Whatever_is_changed_in_a_checkpoint_a_run_has_a_typed_error_or_a_result()
    {
        int seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        var store = new MemoryStore();
        await RunAsync(store, "session");
        string[] texts = [.. store.Texts];
        List<string> silent = [];
        int errors = 0;
        for (int round = 0; round < 250; round++)
        {
            JsonNode checkpoint = JsonNode.Parse(texts[random.Next(texts.Length)])!;
            string change = Change(checkpoint, random);
            string end = await EndAsync(checkpoint.ToJsonString());
            errors += end == "typed" ? 1 : 0;
            if (end is not ("typed" or "result"))
            {
                silent.Add($"round {round}: {change}: {end}");
            }
        }

        Assert.True(silent.Count == 0, $"seed {seed}\n{string.Join('\n', silent)}");
        Assert.InRange(errors, 20, 250);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static IEnumerable<JsonNode> Descendants(JsonNode node) => node switch
    {
        JsonObject owner => owner.Select(own => own.Value).OfType<JsonNode>().SelectMany(Descendants).Prepend(node),
        JsonArray list => list.OfType<JsonNode>().SelectMany(Descendants).Prepend(node),
        _ => [node],
    };

    /// <summary>Changes a value somewhere below the root, mostly in the part that is this library's.</summary>
    private static string Change(JsonNode checkpoint, Random random)
    {
        JsonNode part = random.Next(6) switch
        {
            0 => checkpoint,
            1 or 2 => checkpoint["runnerData"]!,
            _ => checkpoint["stateData"]!,
        };
        JsonNode[] nodes = [.. Descendants(part)];
        JsonNode node = nodes[random.Next(nodes.Length)];
        string path = node.GetPath();
        if (node.Parent is not { } parent)
        {
            return "nothing";
        }

        string? value = random.Next(9) switch
        {
            0 => "null",
            1 => "\"x\"",
            2 => "{}",
            3 => "[]",
            4 => "-1",
            5 => "1e30",
            6 => "true",
            7 => "[null]",
            _ => null,
        };
        JsonNode? changed = value is null ? null : JsonNode.Parse(value);
        switch (parent)
        {
            case JsonArray list when value is null:
                list.RemoveAt(node.GetElementIndex());
                break;
            case JsonArray list:
                list[node.GetElementIndex()] = changed;
                break;
            case JsonObject owner when value is null:
                owner.Remove(node.GetPropertyName());
                break;
            case JsonObject owner:
                owner[node.GetPropertyName()] = changed;
                break;
        }

        return $"{path} = {value ?? "nothing"}";
    }

    private async Task<string> EndAsync(string checkpoint)
    {
        using Qwen3Workflow workflow = Create(MemoryStore.Of(checkpoint));
        try
        {
            await using StreamingRun run = await workflow.ResumeStreamingAsync("session");
            using var tooLong = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            tooLong.CancelAfter(TimeSpan.FromSeconds(10));
            string end = "silence";
            int requests = 0;
            await foreach (WorkflowEvent happened in run.WatchStreamAsync(tooLong.Token))
            {
                switch (happened)
                {
                    case WorkflowErrorEvent error:
                        return error.Exception is CheckpointException ? "typed" : $"{error.Exception}";
                    case WorkflowOutputEvent { Data: Qwen3WorkflowResult }:
                        end = "result";
                        break;
                    case RequestInfoEvent { Request: { } request }:
                        // A plan that cannot be carried out comes back.
                        await run.SendResponseAsync(requests++ < 5 || request.PortInfo.PortId != "plan-review"
                            ? Respond(request) : request.CreateResponse(PlanDecision.Refuse()));
                        break;
                }
            }

            return tooLong.IsCancellationRequested ? "waits for ever" : end;
        }
        catch (CheckpointException)
        {
            return "typed";
        }
    }

    private static ExternalResponse Respond(ExternalRequest request) =>
        request.PortInfo.PortId == "plan-review" ? request.CreateResponse(PlanDecision.Approve())
        : request.TryGetDataAs(out ToolApprovalRequestContent? approval) ? request.CreateResponse(approval.CreateResponse(approved: true))
        : throw new InvalidOperationException($"{request}");

    private string LastFile() =>
        Path.Combine(_folder, JsonNode.Parse(File.ReadLines(Index).Last())!["fileName"]!.GetValue<string>());

    private async Task RunInFolderAsync(string session = "session")
    {
        using var folder = new CheckpointFolder(_folder);
        await RunAsync(folder, session);
    }

    private async Task ResumesAsync(string session)
    {
        using var folder = new CheckpointFolder(_folder);
        using Qwen3Workflow workflow = Create(folder);
        await using StreamingRun run = await workflow.ResumeStreamingAsync(session);
        Assert.Equal("Answer.", (await run.WatchAsync(Respond)).Result().Answer);
    }

    /// <summary>Runs until a person does not answer any more.</summary>
    private async Task RunAsync(JsonCheckpointStore store, string session, int answers = int.MaxValue)
    {
        using Qwen3Workflow workflow = Create(store);
        await using StreamingRun run = await workflow.RunStreamingAsync("Goal", session);
        await foreach (WorkflowEvent happened in run.WatchStreamAsync(TestContext.Current.CancellationToken))
        {
            Assert.False(happened is WorkflowErrorEvent, $"{(happened as WorkflowErrorEvent)?.Exception}");
            if (happened is RequestInfoEvent { Request: { } request })
            {
                if (answers-- > 0)
                {
                    await run.SendResponseAsync(Respond(request));
                }
            }
            else if (answers < 0 && happened is SuperStepCompletedEvent)
            {
                break;
            }
        }

        _sent = 0;
    }

    /// <summary>Two steps with a call each, both approved by a person, as is the plan.</summary>
    private Qwen3Workflow Create(JsonCheckpointStore store)
    {
        AIFunction send = AIFunctionFactory.Create(
            (string to) =>
            {
                Interlocked.Increment(ref _sent);
                return $"sent to {to}";
            },
            "send");
        return new(
            ScriptedClient.Saying(new Plan("", [new(1, "Write to Anna", []), new(2, "Write to Ben", [1])]).ToJson()),
            new ScriptedClient(messages => messages.LastOrDefault(message => message.Text.StartsWith("Write", StringComparison.Ordinal)) is not { } task
                ? [new TextContent("Answer.")]
                : messages.Any(message => message.Role == ChatRole.Tool)
                ? [new TextContent("Done.")]
                : [new FunctionCallContent("call_0", "send", new Dictionary<string, object?> { ["to"] = task.Text })]),
            new()
            {
                Tools = [new ApprovalRequiredAIFunction(send)],
                ReviewPlans = true,
                Checkpoints = WorkflowCheckpoints.In(store),
            });
    }
}
