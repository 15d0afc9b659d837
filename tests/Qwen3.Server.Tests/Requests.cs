namespace Qwen3.Server.Tests;

/// <summary>Parts of requests in the nano models' world.</summary>
internal static class Requests
{
    public const string WeatherTool =
        """
        {"type":"function","function":{"name":"get_weather","description":"Gets the current weather in a city.",
          "parameters":{"type":"object","properties":{"city":{"type":"string","description":"The city"}},"required":["city"]}}}
        """;

    public const string MailTool =
        """
        {"type":"function","function":{"name":"send_message","description":"Sends a message to a person.",
          "parameters":{"type":"object","required":["recipient","message"],"properties":{
            "recipient":{"type":"string","description":"The person to write to"},
            "message":{"type":"string","description":"The text of the message"}}}}}
        """;

    /// <summary>A greedy request with one question.</summary>
    /// <param name="question">What the user asks.</param>
    /// <param name="more">Further fields, such as <c>"seed":1</c>.</param>
    public static string Chat(string question, string more = "\"seed\":1") =>
        $$"""{"messages":[{"role":"user","content":"{{question}}"}],"temperature":0,{{more}}}""";
}
