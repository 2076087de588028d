namespace Dqn.Agents;

/// <summary>
/// Choosing among legal actions. A mask is [actions], true where an action is legal; an empty one says that all are.
/// </summary>
internal static class LegalActions
{
    /// <summary>Throws where a mask does not fit a task, or leaves nothing to do.</summary>
    /// <param name="legalActions">One mask or several, [states, actions]; empty: all are legal.</param>
    /// <param name="maskedActions">How many actions the task says the legality of; 0: all are always legal.</param>
    /// <param name="states">How many states.</param>
    /// <exception cref="ArgumentException">The message says what was expected.</exception>
    public static void Require(ReadOnlySpan<bool> legalActions, int maskedActions, int states = 1)
    {
        if (legalActions.Length != (long)states * maskedActions)
        {
            throw new ArgumentException(
                maskedActions == 0
                    ? $"Expected no legal actions, since the spec says that all always are, got {legalActions.Length}. Set " +
                      "EnvironmentSpec.HasIllegalActions where some are not."
                    : $"Expected which of {maskedActions} actions are legal in each of {states} states, since the spec's " +
                      $"HasIllegalActions is set, got {legalActions.Length} numbers. IEnvironment.LegalActions gives them.",
                nameof(legalActions));
        }

        for (int i = 0; maskedActions > 0 && i < states; i++)
        {
            if (!legalActions.Slice(i * maskedActions, maskedActions).Contains(true))
                throw new ArgumentException("Expected at least one legal action, got none.", nameof(legalActions));
        }
    }

    /// <summary>The mask of one state out of those of several.</summary>
    public static ReadOnlySpan<bool> Of(ReadOnlySpan<bool> legalActions, int state, int actions) =>
        legalActions.IsEmpty ? [] : legalActions.Slice(state * actions, actions);

    /// <summary>How many actions are legal.</summary>
    public static int Count(ReadOnlySpan<bool> legalActions, int actions) =>
        legalActions.IsEmpty ? actions : legalActions.Count(true);

    /// <summary>The legal action of a number, 0 … <see cref="Count"/> − 1.</summary>
    public static int At(ReadOnlySpan<bool> legalActions, int number)
    {
        if (legalActions.IsEmpty)
            return number;
        int action = 0;
        for (; !legalActions[action] || number-- > 0; action++)
        {
        }

        return action;
    }
}
