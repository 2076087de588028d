using System.Collections.Immutable;
using Dqn.Randomness;

namespace Dqn.Agents;

/// <summary>Which environments act at random, how, and for how long; all other actions are the network's.</summary>
/// <param name="epsilon">How often.</param>
/// <param name="duration">For how long; null: for one step.</param>
/// <param name="warmupSteps">For how many steps all actions are random.</param>
/// <param name="actions">How many there are.</param>
/// <param name="random">What is drawn from.</param>
/// <param name="environments">Which of all environments, whose numbers say how much each explores.</param>
/// <param name="all">How many environments there are.</param>
internal sealed class Exploration(
    EpsilonSchedule epsilon, ExplorationDuration? duration, long warmupSteps, int actions, Pcg64 random,
    ImmutableArray<int> environments, int all)
{
    // An exploratory action that is kept up, and for how many steps yet.
    private readonly int[] _kept = new int[environments.Length];
    private readonly int[] _left = new int[environments.Length];

    /// <summary>As the options of a <see cref="DqnAgent"/> say.</summary>
    public Exploration(DqnOptions options, int actions, Pcg64 random, ImmutableArray<int> environments)
        : this(
            options.Epsilon, options.ExplorationDuration, options.WarmupSteps, actions, random, environments,
            options.Environments)
    {
    }

    /// <summary>As the options of a <see cref="PqnAgent"/> say, all of whose environments act.</summary>
    public Exploration(PqnOptions options, int actions, Pcg64 random)
        : this(
            options.Epsilon, options.ExplorationDuration, warmupSteps: 0, actions, random,
            [.. Enumerable.Range(0, options.Environments)], options.Environments)
    {
    }

    /// <summary>
    /// One <see cref="Pcg64.NextDouble"/> says whether to explore, one <see cref="Pcg64.Integer(int)"/> how, and with
    /// <see cref="DqnOptions.ExplorationDuration"/> another <see cref="Pcg64.NextDouble"/> how long; nothing is drawn
    /// for an action that is kept up.
    /// </summary>
    /// <param name="steps">Agent steps done.</param>
    /// <param name="environment">Whose next step: its place among the environments.</param>
    /// <param name="legalActions">[actions]: others are not taken, nor kept up. Empty: all are legal.</param>
    /// <param name="action">The exploratory action.</param>
    /// <returns>Whether it explores.</returns>
    public bool Explores(long steps, int environment, ReadOnlySpan<bool> legalActions, out int action)
    {
        if (_left[environment] > 0 && (legalActions.IsEmpty || legalActions[_kept[environment]]))
        {
            _left[environment]--;
            action = _kept[environment];
            return true;
        }

        bool explores = random.NextDouble() < epsilon.At(steps, environments[environment], all);
        explores |= steps < warmupSteps;
        action = explores
            ? LegalActions.At(legalActions, random.Integer(LegalActions.Count(legalActions, actions)))
            : 0;
        _left[environment] = 0;
        if (explores && duration is not null)
            (_kept[environment], _left[environment]) = (action, duration.Draw(random) - 1);
        return explores;
    }

    /// <summary>An episode begins: what was kept up in the last one is over.</summary>
    public void Begin(int environment) => _left[environment] = 0;

    /// <summary>Writes the random stream and what is being kept up.</summary>
    public void SaveState(BinaryWriter writer)
    {
        random.SaveState(writer);
        for (int i = 0; i < _left.Length; i++)
        {
            writer.Write(_left[i]);
            writer.Write(_kept[i]);
        }
    }

    /// <summary>Reads what <see cref="SaveState"/> wrote with the same options.</summary>
    /// <exception cref="InvalidDataException">The state is damaged or of other options.</exception>
    public void LoadState(BinaryReader reader)
    {
        random.LoadState(reader);
        int longest = duration?.Longest ?? 1;
        for (int i = 0; i < _left.Length; i++)
        {
            (int left, int kept) = (reader.ReadInt32(), reader.ReadInt32());
            if (left < 0 || left >= longest || (uint)kept >= (uint)actions)
            {
                throw new InvalidDataException(
                    $"Agent state: expected an action 0 … {actions - 1} kept up for 0 … {longest - 1} steps, got " +
                    $"action {kept} for {left}.");
            }

            (_left[i], _kept[i]) = (left, kept);
        }
    }
}
