using Dqn.Randomness;

namespace Dqn.Agents;

/// <summary>
/// Data augmentation for tasks in which left and right are alike: half of the transitions are seen in a mirror, the
/// pixels of each row in reverse and the actions exchanged for those that do the same to the other side. What is drawn
/// is apart from what is mirrored, so that a transition's observation, action and next observation go together.
/// </summary>
public static class RandomMirror
{
    /// <summary>Draws which items are to be mirrored, each with probability ½: one <c>random.Integer(2)</c>.</summary>
    /// <param name="random">What is drawn from.</param>
    /// <param name="mirrored">Destination, [batch].</param>
    public static void Draw(Pcg64 random, Span<bool> mirrored)
    {
        ArgumentNullException.ThrowIfNull(random);
        foreach (ref bool item in mirrored)
            item = random.Integer(2) == 1;
    }

    /// <summary>Reverses all rows of the items that are mirrored, in place.</summary>
    /// <param name="mirrored">[batch].</param>
    /// <param name="width">Bytes of a row, at least 1.</param>
    /// <param name="observations">[batch, rows, width], bytes; as many rows as there are: of all frames of a stack.</param>
    /// <exception cref="ArgumentOutOfRangeException">The width is less than 1.</exception>
    /// <exception cref="ArgumentException">The observations are not a whole number of rows for each item.</exception>
    public static void Observations(ReadOnlySpan<bool> mirrored, int width, Span<byte> observations)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        int bytes = mirrored.IsEmpty ? 0 : observations.Length / mirrored.Length;
        if (bytes * mirrored.Length != observations.Length || bytes % width != 0)
        {
            throw new ArgumentException(
                $"Expected [{mirrored.Length}, rows, {width}] bytes, got {observations.Length}.", nameof(observations));
        }

        for (int i = 0; i < mirrored.Length; i++)
        {
            if (!mirrored[i])
                continue;
            Span<byte> rows = observations.Slice(i * bytes, bytes);
            for (; !rows.IsEmpty; rows = rows[width..])
                rows[..width].Reverse();
        }
    }

    /// <summary>Exchanges the actions of the items that are mirrored, in place.</summary>
    /// <param name="mirrored">[batch].</param>
    /// <param name="mirrorActions">
    /// [actions], for each action the one that it is in the mirror: 0, 2, 1, 3, 4 in CarRacing, where 1 and 2 steer.
    /// </param>
    /// <param name="actions">[batch], 0 … actions − 1.</param>
    /// <exception cref="ArgumentException">
    /// The lengths differ, there is no such action, or an action mirrored twice would be another one.
    /// </exception>
    public static void Actions(ReadOnlySpan<bool> mirrored, ReadOnlySpan<int> mirrorActions, Span<int> actions)
    {
        if (actions.Length != mirrored.Length)
        {
            throw new ArgumentException(
                $"Expected {mirrored.Length} actions, got {actions.Length}.", nameof(actions));
        }

        for (int action = 0; action < mirrorActions.Length; action++)
        {
            int mirror = mirrorActions[action];
            if ((uint)mirror >= (uint)mirrorActions.Length || mirrorActions[mirror] != action)
            {
                throw new ArgumentException(
                    $"Expected pairs of actions 0 … {mirrorActions.Length - 1}, got {mirror} as the mirror of {action}.",
                    nameof(mirrorActions));
            }
        }

        foreach (int action in actions)
        {
            if ((uint)action >= (uint)mirrorActions.Length)
            {
                throw new ArgumentException(
                    $"Expected actions 0 … {mirrorActions.Length - 1}, got {action}.", nameof(actions));
            }
        }

        for (int i = 0; i < actions.Length; i++)
            if (mirrored[i])
                actions[i] = mirrorActions[actions[i]];
    }

    /// <summary>Exchanges which actions are legal for the items that are mirrored, in place.</summary>
    /// <param name="mirrored">[batch].</param>
    /// <param name="mirrorActions">[actions], as in <see cref="Actions"/>.</param>
    /// <param name="legalActions">[batch, actions], or empty where all are legal.</param>
    /// <exception cref="ArgumentException">There is not one mask for each item.</exception>
    public static void LegalActions(
        ReadOnlySpan<bool> mirrored, ReadOnlySpan<int> mirrorActions, Span<bool> legalActions)
    {
        if (legalActions.IsEmpty)
            return;
        int actions = mirrorActions.Length;
        if (legalActions.Length != (long)mirrored.Length * actions)
        {
            throw new ArgumentException(
                $"Expected masks [{mirrored.Length}, {actions}], got {legalActions.Length} numbers.", nameof(legalActions));
        }

        for (int i = 0; i < mirrored.Length; i++)
        {
            Span<bool> mask = legalActions.Slice(i * actions, actions);
            for (int action = 0; mirrored[i] && action < actions; action++)
                if (mirrorActions[action] > action)
                    (mask[action], mask[mirrorActions[action]]) = (mask[mirrorActions[action]], mask[action]);
        }
    }
}
