using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Prompts;

/// <summary>How the chat template shows tools to the model.</summary>
internal static class ToolText
{
    private const string Introduction =
        "# Tools\n\nYou may call one or more functions to assist with the user query.\n\n" +
        "You are provided with function signatures within <tools></tools> XML tags:\n<tools>";

    private const string Conclusion =
        "\n</tools>\n\nFor each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:\n" +
        "<tool_call>\n{\"name\": <function-name>, \"arguments\": <args-json-object>}\n</tool_call>";

    /// <exception cref="NotSupportedException">A tool is no function.</exception>
    public static string Of(IEnumerable<AITool> tools)
    {
        var text = new StringBuilder(Introduction);
        foreach (AITool tool in tools)
        {
            Append(text.Append('\n'), tool);
        }

        return text.Append(Conclusion).ToString();
    }

    /// <summary>One tool in JSON.</summary>
    /// <exception cref="NotSupportedException">It is no function.</exception>
    public static string Of(AITool tool)
    {
        var text = new StringBuilder();
        Append(text, tool);
        return text.ToString();
    }

    private static void Append(StringBuilder text, AITool tool)
    {
        AIFunctionDeclaration function = tool as AIFunctionDeclaration ?? throw new NotSupportedException(
            $"The tool '{tool.Name}' is a {tool.GetType().Name}, which a model service would host; Qwen3 on this machine calls functions only. Offer an AIFunction.");
        text.Append("{\"type\": \"function\", \"function\": {\"name\": ");
        PromptJson.WriteString(text, function.Name);
        text.Append(", \"description\": ");
        PromptJson.WriteString(text, function.Description);
        text.Append(", \"parameters\": ").Append(SchemaText(function)).Append("}}");
    }

    private static string SchemaText(AIFunctionDeclaration function)
    {
        JsonElement schema = LenientJson.Readable(function.JsonSchema);
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return PromptJson.Format(schema);
        }

        // A schema's repeats of what stands beside it are noise to the model. "condition" is where Semantic Kernel has its description.
        bool IsRepeat(JsonProperty member) =>
            member.Name is "title" or "name" or "description" or "condition" &&
            member.Value.ValueKind == JsonValueKind.String &&
            (member.Value.ValueEquals(function.Name) || member.Value.ValueEquals(function.Description));

        return PromptJson.Format(schema.EnumerateObject()
            .Where(member => !IsRepeat(member))
            .Select(member => KeyValuePair.Create(member.Name, (object?)member.Value)));
    }
}
