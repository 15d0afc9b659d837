using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Qwen3.Chat.Format;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Prompts;

/// <summary>Writes the tools of a request as the chat template does.</summary>
internal static class ToolText
{
    private const string Introduction =
        "# Tools\n\nYou may call one or more functions to assist with the user query.\n\n" +
        "You are provided with function signatures within <tools></tools> XML tags:\n<tools>";

    private const string Conclusion =
        "\n</tools>\n\nFor each function call, return a json object with function name and arguments within " +
        $"{ChatFormat.ToolCallStart}{ChatFormat.ToolCallEnd} XML tags:\n{ChatFormat.ToolCallStart}\n" +
        $"{{\"name\": <function-name>, \"arguments\": <args-json-object>}}\n{ChatFormat.ToolCallEnd}";

    /// <summary>Returns the template's section about tools.</summary>
    /// <param name="tools">The tools.</param>
    /// <param name="trustsTools">Whether tags that a tool spells become tag tokens.</param>
    /// <exception cref="NotSupportedException">A tool is not a function.</exception>
    public static IEnumerable<TextPart> Parts(IEnumerable<AITool> tools, bool trustsTools)
    {
        yield return new(Introduction, SpecialTokens.All);
        foreach (AITool tool in tools)
        {
            yield return new($"\n{Of(tool)}", trustsTools ? SpecialTokens.UserDefined : SpecialTokens.None);
        }

        yield return new(Conclusion, SpecialTokens.All);
    }

    /// <summary>Returns one tool as JSON.</summary>
    /// <exception cref="NotSupportedException">The tool is not a function.</exception>
    public static string Of(AITool tool)
    {
        AIFunctionDeclaration function = tool as AIFunctionDeclaration ?? throw new NotSupportedException(
            $"The tool '{tool.Name}' is a {tool.GetType().Name}, which a hosted model service runs. " +
            "Qwen3 in this process can only call functions: pass an AIFunction.");
        var text = new StringBuilder("{\"type\": \"function\", \"function\": {\"name\": ");
        PromptJson.WriteString(text, function.Name);
        text.Append(", \"description\": ");
        PromptJson.WriteString(text, function.Description);
        return text.Append(", \"parameters\": ").Append(SchemaText(function)).Append("}}").ToString();
    }

    private static string SchemaText(AIFunctionDeclaration function)
    {
        JsonElement schema = LenientJson.Readable(function.JsonSchema);
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return PromptJson.Format(schema);
        }

        // A schema's copies of the function's name and description are noise to the model. Semantic Kernel puts its
        // description into "condition".
        bool IsRepeat(JsonProperty member) =>
            member.Name is "title" or "name" or "description" or "condition" &&
            member.Value.ValueKind == JsonValueKind.String &&
            (member.Value.ValueEquals(function.Name) || member.Value.ValueEquals(function.Description));

        return PromptJson.Format(schema.EnumerateObject()
            .Where(member => !IsRepeat(member))
            .Select(member => KeyValuePair.Create(member.Name, (object?)member.Value)));
    }
}
