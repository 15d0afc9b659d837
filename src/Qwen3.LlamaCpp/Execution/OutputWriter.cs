namespace Qwen3.LlamaCpp.Execution;

/// <summary>Samples the next tokens of an answer and emits them: the sampled one, and those that must follow it.</summary>
internal static class OutputWriter
{
    /// <summary>Emits the next token of an answer and the forced ones behind it.</summary>
    /// <param name="request">The request. Its logits are at <see cref="EngineRequest.OutputIndex"/>.</param>
    /// <returns>Why the answer ends with these tokens, or <see langword="null"/> if it goes on.</returns>
    /// <exception cref="LlamaException">The grammar and the logit biases leave no token to sample.</exception>
    public static FinishReason? Write(EngineRequest request)
    {
        bool isStop = false;
        if (request.Generated > 0 || !JumpForward(request))
        {
            // A grammar may want an empty answer.
            int token = request.Sampler.IsFinal ? -1 : request.Sampler.Sample(request.OutputIndex);
            isStop = token < 0 || request.Sampler.IsStop(token);
            if (!isStop)
            {
                Take(request, token);
                JumpForward(request);
            }
        }

        isStop |= request.Sampler.IsFinal;
        return isStop ? FinishReason.Stop
            : request.Generated < request.Generation.MaxTokens ? null
            : FinishReason.Length;
    }

    /// <summary>Emits forced tokens, where there are any.</summary>
    /// <returns>Whether there were.</returns>
    private static bool JumpForward(EngineRequest request)
    {
        int generated = request.Generated;
        ReadOnlySpan<int> forced;
        while (request.Generated < request.Generation.MaxTokens && !(forced = request.Sampler.FindForced(request.Answer)).IsEmpty)
        {
            foreach (int token in forced[..Math.Min(forced.Length, request.Generation.MaxTokens - request.Generated)])
            {
                int before = request.Generated;
                request.Sampler.Accept(token);
                Take(request, token);
                if (request.Generated > before + 1)
                {
                    // The section was closed behind the token, and the grammar is in another state now.
                    break;
                }
            }
        }

        return request.Generated > generated;
    }

    /// <summary>Emits a token, and the closing tokens behind it if the section's budget is spent.</summary>
    private static void Take(EngineRequest request, int token)
    {
        Emit(request, token);
        if (request.Thinking is not { } thinking)
        {
            return;
        }

        bool mustClose = thinking.MustClose(request.Answer);
        request.Generation.ThinkingEnd = thinking.End;
        if (mustClose)
        {
            foreach (int closing in request.Generation.Request.ThinkingLimit!.Closing)
            {
                if (request.Generated < request.Generation.MaxTokens)
                {
                    request.Sampler.Accept(closing);
                    Emit(request, closing);
                }
            }
        }
    }

    private static void Emit(EngineRequest request, int token)
    {
        request.Add(token);
        request.Generation.Write(token);
    }
}
