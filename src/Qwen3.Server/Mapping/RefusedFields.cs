using System.Text.Json;
using Qwen3.Server.Serving;
using Qwen3.Server.Wire;

namespace Qwen3.Server.Mapping;

/// <summary>Fields that would change the answer and cannot be had. They are read to be refused.</summary>
internal static class RefusedFields
{
    private const string Constraint = "is not read by this server. Send a JSON schema as 'response_format', or leave it out.";
    private const string Unsupported = "is not supported by this server. Leave it out.";

    private static readonly (string Name, Func<ChatCompletionRequest, bool> IsAsked, string Message)[] s_fields =
    [
        ("n", request => request.N is not (null or 1), "must be 1: this server gives one answer to a request. Send the request several times."),
        ("logprobs", request => request.LogProbs == true, "cannot be had from this server. Leave it out."),
        ("top_logprobs", request => request.TopLogProbs > 0, "cannot be had from this server. Leave it out."),
        ("logit_bias", request => IsAsked(request.LogitBias) && request.LogitBias!.Value.GetRawText() != "{}", Unsupported),
        ("functions", request => IsAsked(request.Functions) && request.Functions!.Value.GetRawText() != "[]", "is no longer in use. Offer functions in 'tools'."),
        ("function_call", request => IsAsked(request.FunctionCall) && request.FunctionCall!.Value.GetRawText() is not ("\"none\"" or "\"auto\""), "is no longer in use. Choose with 'tool_choice'."),
        ("audio", request => IsAsked(request.Audio), "cannot be had from this server, which answers in text. Leave it out."),
        ("web_search_options", request => IsAsked(request.WebSearchOptions), "cannot be had from this server. Offer a function that searches in 'tools'."),
        ("continue_final_message", request => IsAsked(request.ContinueFinalMessage), Unsupported),
        ("ignore_eos", request => IsAsked(request.IgnoreEos), Unsupported),
        ("grammar", request => IsAsked(request.Grammar), Constraint),
        ("json_schema", request => IsAsked(request.JsonSchema), Constraint),
        ("guided_json", request => IsAsked(request.GuidedJson), Constraint),
        ("guided_choice", request => IsAsked(request.GuidedChoice), Constraint),
        ("guided_regex", request => IsAsked(request.GuidedRegex), Constraint),
        ("guided_grammar", request => IsAsked(request.GuidedGrammar), Constraint),
        ("structured_outputs", request => IsAsked(request.StructuredOutputs), Constraint),
        ("regex", request => IsAsked(request.Regex), Constraint),
        ("ebnf", request => IsAsked(request.Ebnf), Constraint),
    ];

    /// <summary>Their names, apart from <c>n</c>, of which one value is taken.</summary>
    public static IEnumerable<string> Names => s_fields.Skip(1).Select(refused => refused.Name);

    /// <exception cref="ApiException">The request has one of them.</exception>
    public static void Check(ChatCompletionRequest request)
    {
        foreach ((string name, Func<ChatCompletionRequest, bool> isAsked, string message) in s_fields)
        {
            if (isAsked(request))
            {
                throw ApiException.Invalid(name, message);
            }
        }
    }

    private static bool IsAsked(JsonElement? value) => JsonValues.IsSet(value) && value!.Value.ValueKind != JsonValueKind.False;
}
