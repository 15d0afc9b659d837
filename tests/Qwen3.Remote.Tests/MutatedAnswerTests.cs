using System.Text;
using System.Text.Json;
using CsCheck;
using Microsoft.Extensions.AI;

namespace Qwen3.Remote.Tests;

/// <summary>
/// Recorded answers of each server, changed at random: what can still be read is read, and no call is lost or doubled.
/// </summary>
public sealed class MutatedAnswerTests
{
    private const string TwoCities = "What is the weather in Hanoi and Tokyo?";

    private static readonly (string Name, ModelServer Server)[] s_servers =
    [
        ("vllm", ModelServer.Vllm), ("vllm-bare", ModelServer.Vllm), ("sglang", ModelServer.SGLang), ("llama-server", ModelServer.LlamaServer),
        ("lm-studio", ModelServer.LMStudio), ("ollama", ModelServer.Ollama),
    ];

    private static readonly Dictionary<string, JsonElement> s_recordings = s_servers.ToDictionary(
        server => server.Name,
        server => JsonElement.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Servers", $"{server.Name}.json"))));

    private static readonly Gen<(int Server, string Question, bool IsStreamed, int Mutations, ulong Seed)> s_cases = Gen.Select(
        Gen.Int[0, s_servers.Length - 1], Gen.OneOf("Hello!", TwoCities), Gen.Bool, Gen.Int[0, 12], Gen.ULong);

    /// <summary>
    /// What is changed does not carry the answer, or is changed to another form of the same: the answer stays the same.
    /// </summary>
    [Fact]
    public async Task Changes_that_leave_an_answer_readable_leave_it_the_same()
    {
        await s_cases.SampleAsync(
            async one =>
            {
                var random = new Random((int)(one.Seed & int.MaxValue));
                JsonTree[] values = Recording(one.Server, one.Question, one.IsStreamed);
                string expected = Describe(await AnswerAsync(one.Server, one.IsStreamed, Encode(one.Server, one.IsStreamed, values, null), null));
                var mutator = new Mutator(random);
                for (int i = 0; i < one.Mutations; i++)
                {
                    mutator.Rewrite(values[random.Next(values.Length)], isStreamed: one.IsStreamed);
                }

                mutator.Duplicate(values);
                byte[] body = Encode(one.Server, one.IsStreamed, values, random);
                ChatResponse response = await AnswerAsync(one.Server, one.IsStreamed, body, Pieces(random));
                string[] ids = [.. response.Messages[0].Contents.OfType<FunctionCallContent>().Select(call => call.CallId)];
                Assert.True(
                    Describe(response) == expected && ids.All(id => id.Length > 0) && ids.Distinct().Count() == ids.Length,
                    $"{s_servers[one.Server].Name}\n{expected}\n{Describe(response)}\n{Encoding.UTF8.GetString(body)}");
            },
            iter: 1500,
            threads: 2);
    }

    /// <summary>
    /// Everything can be changed: there is an answer or the typed exception, and each call is one of the answer.
    /// </summary>
    [Fact]
    public async Task Any_change_ends_in_an_answer_or_in_a_typed_exception()
    {
        await s_cases.SampleAsync(
            async one =>
            {
                var random = new Random((int)(one.Seed & int.MaxValue));
                JsonTree[] values = Recording(one.Server, one.Question, one.IsStreamed);
                var mutator = new Mutator(random);
                for (int i = 0; i < one.Mutations; i++)
                {
                    mutator.Destroy(values[random.Next(values.Length)]);
                }

                byte[] body = Encode(one.Server, one.IsStreamed, values, random);
                try
                {
                    ChatResponse response = await AnswerAsync(one.Server, one.IsStreamed, body, Pieces(random));
                    string[] ids = [.. response.Messages[0].Contents.OfType<FunctionCallContent>().Select(call => call.CallId)];
                    Assert.Equal(ids.Length, ids.Distinct().Count());
                }
                catch (Chat.ModelServerException)
                {
                }
            },
            iter: 1500,
            threads: 2);
    }

    private static JsonTree[] Recording(int server, string question, bool isStreamed)
    {
        JsonElement answer = s_recordings[s_servers[server].Name].GetProperty("answers").GetProperty(question);
        return isStreamed ? [.. answer.GetProperty("stream").EnumerateArray().Select(JsonTree.From)] : [JsonTree.From(answer.GetProperty("whole"))];
    }

    private static int[] Pieces(Random random) => [.. Enumerable.Range(0, 50).Select(_ => random.Next(1, random.Next(2) == 0 ? 4 : 400))];

    /// <summary>Writes the body as the server does, or, at random, in another way that means the same.</summary>
    private static byte[] Encode(int server, bool isStreamed, JsonTree[] values, Random? random)
    {
        string newLine = random is null ? "\n" : ((string[])["\n", "\r\n", "\r"])[random.Next(3)];
        var body = new StringBuilder(random?.Next(4) == 0 ? "\ufeff" : "");
        foreach (JsonTree value in values)
        {
            if (!isStreamed)
            {
                body.Append(value.Write(random?.Next(2) == 0 ? newLine : ""));
            }
            else if (s_servers[server].Server == ModelServer.Ollama)
            {
                body.Append(value.Write("")).Append(newLine);
            }
            else
            {
                body.Append(random?.Next(8) == 0 ? $": ping{newLine}{newLine}" : "").Append(random?.Next(2) == 0 ? "data:" : "data: ");
                body.Append(value.Write("")).Append(newLine).Append(random?.Next(4) == 0 ? "" : newLine);
            }
        }

        return Encoding.UTF8.GetBytes(
            body.Append(isStreamed && s_servers[server].Server != ModelServer.Ollama ? $"data: [DONE]{newLine}{newLine}" : "").ToString());
    }

    private static async Task<ChatResponse> AnswerAsync(int server, bool isStreamed, byte[] body, int[]? pieces)
    {
        using Qwen3RemoteChatClient client = AnsweringHandler.CreateClient(body, s_servers[server].Server, "qwen3-thinking", pieces);
        var options = new ChatOptions { Tools = NanoTools.All };
        return isStreamed
            ? await client.GetStreamingResponseAsync("Hello!", options).ToChatResponseAsync()
            : await client.GetResponseAsync("Hello!", options);
    }

    private static string Describe(ChatResponse response)
    {
        IList<AIContent> contents = response.Messages[0].Contents;
        string reasoning = string.Concat(contents.OfType<TextReasoningContent>().Select(content => content.Text));
        IEnumerable<string> calls = contents.OfType<FunctionCallContent>().Select(call => $"{call.Name}({JsonSerializer.Serialize(call.Arguments)})");
        return $"[{reasoning}] [{response.Text}] [{string.Join("; ", calls)}] {response.FinishReason}";
    }

    /// <summary>JSON that can be changed, and written with a member twice.</summary>
    private sealed class JsonTree
    {
        public string? Scalar { get; set; }

        public List<(string Name, JsonTree Value)>? Members { get; set; }

        public List<JsonTree>? Items { get; set; }

        public bool IsText => Scalar is ['"', ..];

        public static JsonTree From(JsonElement json) => json.ValueKind switch
        {
            JsonValueKind.Object => new() { Members = [.. json.EnumerateObject().Select(member => (member.Name, From(member.Value)))] },
            JsonValueKind.Array => new() { Items = [.. json.EnumerateArray().Select(From)] },
            _ => new() { Scalar = json.GetRawText() },
        };

        public static JsonTree Parse(string json) => From(JsonElement.Parse(json));

        public void Set(JsonTree other) => (Scalar, Members, Items) = (other.Scalar, other.Members, other.Items);

        public JsonTree Copy() => new()
        {
            Scalar = Scalar,
            Members = Members?.ConvertAll(member => (member.Name, member.Value.Copy())),
            Items = Items?.ConvertAll(item => item.Copy()),
        };

        public string Write(string newLine) => Scalar ?? (Members is not null
            ? $"{{{newLine}{string.Join($",{newLine}", Members.Select(member => $"{JsonSerializer.Serialize(member.Name)}: {member.Value.Write(newLine)}"))}{newLine}}}"
            : $"[{newLine}{string.Join($",{newLine}", Items!.Select(item => item.Write(newLine)))}{newLine}]");

        /// <summary>
        /// Returns the tree and all below it, each with its path: member names with dots between them.
        /// </summary>
        public IEnumerable<(string Path, JsonTree Node, JsonTree? Parent)> Nodes(string path = "", JsonTree? parent = null) =>
            ((IEnumerable<(string, JsonTree, JsonTree?)>)[(path, this, parent)])
                .Concat((Members ?? []).SelectMany(member => member.Value.Nodes($"{path}.{member.Name}", this)))
                .Concat((Items ?? []).SelectMany(item => item.Nodes(path, this)));
    }

    private sealed class Mutator(Random random)
    {
        // What carries the answer. Below the arguments everything does.
        private static readonly string[] s_essential =
        [
            "", "choices", "message", "delta", "content", "tool_calls", "function", "name", "arguments", "reasoning", "reasoning_content", "thinking",
        ];

        private static readonly string[] s_values = ["null", "true", "false", "0", "-1", "2.5", "\"\"", "\"x\"", "\"0\"", "{}", "[]", "{\"a\":[1]}"];

        /// <summary>Changes one thing that does not matter, or the form of one that does.</summary>
        public void Rewrite(JsonTree value, bool isStreamed)
        {
            (string path, JsonTree node, JsonTree? parent) = Pick(value.Nodes());
            string name = path.Split('.')[^1];
            bool isBelowArguments = path.Contains(".arguments.", StringComparison.Ordinal);
            if (path.Split('.')[..^1].Any(parent => parent is "content" or "reasoning" or "reasoning_content" or "thinking"))
            {
                // A part in place of text, which was put there before.
                return;
            }

            if (node.Members is { Count: > 1 } members && random.Next(3) == 0)
            {
                if (isBelowArguments || name == "arguments")
                {
                    return;
                }

                random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(members));
            }
            else if (!s_essential.Contains(name) && !isBelowArguments)
            {
                ChangeOther(name, node, parent);
            }
            else if (node.IsText && name is "content" or "reasoning" or "reasoning_content" or "thinking" && parent!.Members is not null)
            {
                string text = node.Scalar!;
                node.Set(JsonTree.Parse(((string[])[$"[{text}]", $"{{\"type\":\"text\",\"text\":{text}}}", $"[{{\"type\":\"text\",\"text\":{text}}}]"])[random.Next(3)]));
            }
            else if (node.IsText && name == "arguments" && !isStreamed)
            {
                node.Set(JsonTree.Parse(JsonElement.Parse(node.Scalar!).GetString()!));
            }
            else if (node.Items is [{ Members: not null } only] && name is "choices" or "tool_calls")
            {
                node.Set(only.Copy());
            }
            else if (name is "message" or "delta" && parent!.Members!.Exists(member => member.Name is "finish_reason"))
            {
                int index = parent.Members.FindIndex(member => member.Value == node);
                parent.Members[index] = (name == "message" ? "delta" : "message", node);
            }
            else if (node.Members is not null && path.Length > 0 && !isBelowArguments && name != "arguments")
            {
                // A member that nobody knows, and one that is there twice.
                node.Members.Insert(random.Next(node.Members.Count + 1), ("x_unknown", Any()));
                (string Name, JsonTree Value) again = node.Members[random.Next(node.Members.Count)];
                node.Members.Add((again.Name, again.Value.Copy()));
                node.Members.Add((again.Name, new() { Scalar = "null" }));
            }
        }

        /// <summary>Repeats what says by its id that it is a repetition.</summary>
        public void Duplicate(JsonTree[] values)
        {
            foreach ((string path, JsonTree node, _) in values.SelectMany(value => value.Nodes()))
            {
                bool HasId(JsonTree item) => item.Members?.FindLast(member => member.Name == "id").Value is { IsText: true, Scalar: not "\"\"" };
                bool isWhole = node.Items?.TrueForAll(item => HasId(item) && IsWhole(item)) == true;
                if (node.Items is { Count: > 0 } items && random.Next(8) == 0 && (path.EndsWith(".choices", StringComparison.Ordinal) ||
                    (path.EndsWith(".tool_calls", StringComparison.Ordinal) && isWhole)))
                {
                    items.Add(items[random.Next(items.Count)].Copy());
                }
            }
        }

        /// <summary>Changes anything to anything.</summary>
        public void Destroy(JsonTree value)
        {
            (_, JsonTree node, JsonTree? parent) = Pick(value.Nodes());
            switch (random.Next(5))
            {
                case 0 when parent?.Members is not null:
                    parent.Members.RemoveAll(member => member.Value == node);
                    break;
                case 1 when parent?.Items is not null:
                    parent.Items.Add(node.Copy());
                    break;
                case 2 when node.Members is not null:
                    node.Members.Add((node.Members.Count > 0 ? node.Members[random.Next(node.Members.Count)].Name : "x", Any()));
                    break;
                case 3:
                    node.Set(new() { Items = [node.Copy(), Any()] });
                    break;
                default:
                    node.Set(Any());
                    break;
            }
        }

        private static bool IsWhole(JsonTree call) =>
            call.Members!.FindLast(member => member.Name == "function").Value?.Members?.FindLast(member => member.Name == "arguments").Value is { } arguments &&
            (arguments.Members is not null || (arguments.IsText && arguments.Scalar!.StartsWith("\"{", StringComparison.Ordinal) && arguments.Scalar.EndsWith("}\"", StringComparison.Ordinal)));

        private void ChangeOther(string name, JsonTree node, JsonTree? parent)
        {
            int choice = random.Next(3);
            if (name is "done" or "eval_count" or "done_reason" or "error")
            {
                // Ollama's last line is known by any of these.
                return;
            }

            if (choice == 0 && parent?.Members is not null)
            {
                parent.Members.RemoveAll(member => member.Value == node);
            }
            else if (name == "index")
            {
                node.Set(JsonTree.Parse(((string[])["null", "true", "{}", "[]", "\"x\"", $"\"{node.Scalar?.Trim('"')}\""])[random.Next(6)]));
            }
            else
            {
                node.Set(Any());
            }
        }

        private JsonTree Any() => JsonTree.Parse(s_values[random.Next(s_values.Length)]);

        private T Pick<T>(IEnumerable<T> all)
        {
            T[] array = [.. all];
            return array[random.Next(array.Length)];
        }
    }
}
