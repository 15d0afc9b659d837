namespace Qwen3.Server.Description;

/// <summary>Requests and answers to begin with.</summary>
internal static class ChatExamples
{
    public static IReadOnlyDictionary<string, string> Requests { get; } = new Dictionary<string, string>
    {
        ["question"] = """
            {"messages": [{"role": "system", "content": "You are brief."}, {"role": "user", "content": "What is the capital of Vietnam?"}]}
            """,
        ["function-call"] = """
            {
              "messages": [{"role": "user", "content": "What is the weather in Hanoi and Tokyo?"}],
              "tools": [{
                "type": "function",
                "function": {
                  "name": "get_weather",
                  "description": "Gets the current weather in a city.",
                  "parameters": {"type": "object", "properties": {"city": {"type": "string", "description": "The city"}}, "required": ["city"]}
                }
              }],
              "tool_choice": "auto"
            }
            """,
        ["function-result"] = """
            {
              "messages": [
                {"role": "user", "content": "What is the weather in Hanoi?"},
                {"role": "assistant", "content": null, "tool_calls": [
                  {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{\"city\": \"Hanoi\"}"}}
                ]},
                {"role": "tool", "tool_call_id": "call_1", "content": "sunny, 31 degrees"}
              ]
            }
            """,
        ["json-schema"] = """
            {
              "messages": [{"role": "user", "content": "Extract the person as JSON: Anna is 30 and lives in Rome."}],
              "response_format": {
                "type": "json_schema",
                "json_schema": {
                  "name": "person",
                  "schema": {
                    "type": "object",
                    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}, "city": {"type": "string"}},
                    "required": ["name", "age", "city"]
                  }
                }
              }
            }
            """,
        ["stream-with-little-thinking"] = """
            {
              "messages": [{"role": "user", "content": "How many r are in strawberry?"}],
              "stream": true,
              "stream_options": {"include_usage": true},
              "thinking_budget": 512
            }
            """,
    };

    public static IReadOnlyDictionary<string, string> Answers { get; } = new Dictionary<string, string>
    {
        ["text"] = """
            {
              "id": "chatcmpl-1", "object": "chat.completion", "created": 1764000000, "model": "Qwen3-4B-Instruct-2507",
              "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hanoi."}, "finish_reason": "stop"}],
              "usage": {
                "prompt_tokens": 26, "completion_tokens": 3, "total_tokens": 29,
                "prompt_tokens_details": {"cached_tokens": 12}, "completion_tokens_details": {"reasoning_tokens": 0}
              }
            }
            """,
        ["two-calls"] = """
            {
              "id": "chatcmpl-2", "object": "chat.completion", "created": 1764000000, "model": "Qwen3-4B-Instruct-2507",
              "choices": [{"index": 0, "finish_reason": "tool_calls", "message": {"role": "assistant", "content": null, "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{\"city\":\"Hanoi\"}"}},
                {"id": "call_2", "type": "function", "function": {"name": "get_weather", "arguments": "{\"city\":\"Tokyo\"}"}}
              ]}}],
              "usage": {
                "prompt_tokens": 170, "completion_tokens": 44, "total_tokens": 214,
                "prompt_tokens_details": {"cached_tokens": 0}, "completion_tokens_details": {"reasoning_tokens": 0}
              }
            }
            """,
    };
}
