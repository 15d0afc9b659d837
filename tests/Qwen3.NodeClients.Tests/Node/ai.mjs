// Vercel's AI SDK against a running server: node ai.mjs BASE_URL KEY INSTRUCT THINKING
import assert from 'node:assert/strict';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';

const [baseURL, apiKey, instruct, thinking] = process.argv.slice(2);
const provider = createOpenAICompatible({ name: 'qwen3', baseURL, apiKey, includeUsage: true });

const asked = [];
const tools = {
  get_weather: tool({
    description: 'Gets the current weather in a city.',
    inputSchema: z.object({ city: z.string().describe('The city') }),
    execute: async ({ city }) => { asked.push(city); return 'sunny, 21 degrees'; },
  }),
};
const request = { prompt: 'What is the weather in Paris?', tools, temperature: 0, stopWhen: stepCountIs(4), maxRetries: 0 };

const whole = await generateText({ ...request, model: provider(instruct) });
assert.deepEqual(asked.splice(0), ['Paris']);
assert.match(whole.text, /Paris/);
assert.equal(whole.finishReason, 'stop');

const streamed = streamText({ ...request, model: provider(thinking), onError: ({ error }) => { throw error; } });
let text = '';
let reasoning = '';
for await (const part of streamed.fullStream) {
  text += part.type === 'text-delta' ? part.text : '';
  reasoning += part.type === 'reasoning-delta' ? part.text : '';
}
assert.deepEqual(asked, ['Paris']);
assert.match(text, /Paris/);
assert.ok(reasoning.length > 0);
assert.ok((await streamed.totalUsage).outputTokens > 0);

await assert.rejects(generateText({ model: provider('gpt-4o'), prompt: 'Hello!', maxRetries: 0 }), error => error.statusCode === 404 && /gpt-4o/.test(error.message));
console.log('ok');
