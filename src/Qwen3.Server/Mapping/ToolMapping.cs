using System.Text.Json;
using Microsoft.Extensions.AI;
using Qwen3.Server.Serving;
using Qwen3.Server.Wire;

namespace Qwen3.Server.Mapping;

/// <summary>Makes a chat client's tools of a request's.</summary>
internal static class ToolMapping
{
    private static readonly JsonElement s_noParameters = JsonElement.Parse("""{"type":"object","properties":{}}""");

    /// <exception cref="ApiException">A tool is no function, or not as it must be.</exception>
    public static List<AITool> Create(IReadOnlyList<ToolDefinition?> tools)
    {
        List<AITool> result = new(tools.Count);
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int i = 0; i < tools.Count; i++)
        {
            string param = $"tools[{i}]";
            ToolDefinition tool = tools[i] ?? throw ApiException.Invalid(param, "must be an object.");
            if (tool.Type is not (null or "function"))
            {
                throw ApiException.Invalid($"{param}.type", "must be function: there are no tools that this server itself carries out.");
            }

            FunctionDefinition function = tool.Function ?? throw ApiException.Invalid($"{param}.function", "is missing.");
            string nameParam = $"{param}.function.name";
            string name = string.IsNullOrWhiteSpace(function.Name) ? throw ApiException.Invalid(nameParam, "is missing.") : function.Name;
            if (!names.Add(name))
            {
                throw ApiException.Invalid(nameParam, $"is '{name}', as that of another tool is. Give each function a name of its own.");
            }

            JsonElement parameters = Parameters(function.Parameters, $"{param}.function.parameters");
            result.Add(AIFunctionFactory.CreateDeclaration(name, function.Description ?? "", parameters));
        }

        return result;
    }

    /// <exception cref="ApiException">It is none of the choices, or asks for a function that is not offered.</exception>
    public static ChatToolMode? Choose(JsonElement? choice, IReadOnlyList<AITool> tools)
    {
        const string Param = "tool_choice";
        if (!JsonValues.IsSet(choice))
        {
            return null;
        }

        if (choice!.Value.ValueKind == JsonValueKind.String)
        {
            return JsonValues.Text(choice.Value, Param) switch
            {
                "auto" => ChatToolMode.Auto,
                "none" => ChatToolMode.None,
                "required" => tools.Count > 0 ? ChatToolMode.RequireAny : throw ApiException.Invalid(Param, "is required, but 'tools' offers none."),
                _ => throw ApiException.Invalid(Param, "must be none, auto, required or an object that names a function."),
            };
        }

        JsonValues.CheckTexts(choice.Value, Param);
        string type = JsonValues.RequiredText(choice.Value, "type", Param);
        string name = type == "function" && choice.Value.TryGetProperty("function", out JsonElement function)
            ? JsonValues.RequiredText(function, "name", $"{Param}.function")
            : throw ApiException.Invalid(Param, """must be none, auto, required or {"type": "function", "function": {"name": "..."}}.""");
        return tools.Any(tool => tool.Name == name)
            ? ChatToolMode.RequireSpecific(name)
            : throw ApiException.Invalid($"{Param}.function.name", $"is '{name}', which 'tools' does not offer.");
    }

    private static JsonElement Parameters(JsonElement? parameters, string param) =>
        JsonValues.IsSet(parameters) ? JsonValues.Object(parameters, param, "a JSON schema") : s_noParameters;
}
