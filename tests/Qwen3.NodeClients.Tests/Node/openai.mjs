// OpenAI's own client for JavaScript against a running server: node openai.mjs BASE_URL KEY INSTRUCT THINKING
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const [baseURL, apiKey, instruct, thinking] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const question = 'What is the weather in Hanoi and Tokyo?';
const tools = [{
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Gets the current weather in a city.',
    parameters: { type: 'object', properties: { city: { type: 'string', description: 'The city' } }, required: ['city'] },
  },
}];

const models = [];
for await (const model of client.models.list()) {
  models.push(model.id);
}
assert.deepEqual(models, [instruct, thinking]);

// A loop of calls that the client itself carries out.
const asked = [];
const runner = client.chat.completions.runTools({
  model: instruct,
  temperature: 0,
  messages: [{ role: 'user', content: question }],
  tools: [{ type: 'function', function: { ...tools[0].function, parse: JSON.parse, function: ({ city }) => { asked.push(city); return 'sunny, 21 degrees'; } } }],
});
const answer = await runner.finalContent();
assert.deepEqual(asked, ['Hanoi', 'Tokyo']);
assert.match(answer, /Hanoi/);

// A stream with reasoning, calls and usage, put together by the client.
const stream = client.chat.completions.stream({
  model: thinking, temperature: 0, messages: [{ role: 'user', content: question }], tools, stream_options: { include_usage: true },
});
let reasoning = '';
for await (const chunk of stream) {
  reasoning += chunk.choices[0]?.delta.reasoning_content ?? '';
}
const completion = await stream.finalChatCompletion();
assert.equal(completion.choices[0].finish_reason, 'tool_calls');
assert.deepEqual(completion.choices[0].message.tool_calls.map(call => JSON.parse(call.function.arguments).city), ['Hanoi', 'Tokyo']);
assert.ok(reasoning.length > 0);
assert.ok(completion.usage.completion_tokens_details.reasoning_tokens > 0);

await assert.rejects(client.chat.completions.create({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello!' }] }), { status: 404, code: 'model_not_found', param: 'model' });
await assert.rejects(new OpenAI({ baseURL, apiKey: 'another', maxRetries: 0 }).models.list(), { status: 401, code: 'invalid_api_key' });
await assert.rejects(
  client.chat.completions.create({ model: instruct, messages: [{ role: 'user', content: 'Hello!' }], temperature: 'hot' }),
  error => error instanceof OpenAI.BadRequestError && error.param === 'temperature');
console.log('ok');
