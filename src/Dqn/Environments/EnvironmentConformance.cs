using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Dqn.Environments;

/// <summary>
/// Checks that an environment keeps what <see cref="IEnvironment"/> promises: run it in a test of an environment of
/// your own.
/// </summary>
/// <example><code>EnvironmentConformance.Check(() =&gt; new MyEnvironment());</code></example>
public static partial class EnvironmentConformance
{
    /// <summary>Plays a few episodes on fresh environments and throws where they break a promise.</summary>
    /// <param name="create">Makes a new environment, each time with the same options; the check disposes them.</param>
    /// <param name="steps">
    /// How many steps each comparison plays at most, going on over the ends of episodes. At least 1.
    /// </param>
    /// <exception cref="EnvironmentConformanceException">A promise is broken: the message says which.</exception>
    public static void Check(Func<IEnvironment> create, int steps = 200)
    {
        ImmutableArray<string> findings = List(create, steps);
        if (!findings.IsEmpty)
            throw new EnvironmentConformanceException(findings);
    }

    /// <summary>As <see cref="Check"/>, but lists what is wrong.</summary>
    /// <param name="create">Makes a new environment, each time with the same options; the check disposes them.</param>
    /// <param name="steps">
    /// How many steps each comparison plays at most, going on over the ends of episodes. At least 1.
    /// </param>
    /// <returns>One sentence for each broken promise; empty for an environment that keeps them all.</returns>
    public static ImmutableArray<string> List(Func<IEnvironment> create, int steps = 200)
    {
        ArgumentNullException.ThrowIfNull(create);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        var findings = ImmutableArray.CreateBuilder<string>();
        EnvironmentSpec spec;
        using (var environment = create())
            spec = environment.Spec;
        Guard("the description", () => CheckSpec(create, spec, findings));
        Guard("calls out of order", () => CheckOrder(create, spec, findings));
        Guard("arguments", () => CheckArguments(create, spec, findings));
        Guard("seeding", () => CheckSeeding(create, spec, steps, findings));
        Guard("episodes", () => CheckEpisodes(create, spec, steps, findings));
        Guard("legal actions", () => CheckLegalActions(create, spec, steps, findings));
        Guard("stacks", () => CheckStacks(create, spec, steps, findings));
        Guard("observing", () => CheckObserving(create, spec, steps, findings));
        Guard("saving", () => CheckSaving(create, spec, steps, findings));
        return findings.ToImmutable();

        void Guard(string what, Action check)
        {
            try
            {
                check();
            }
            catch (Exception exception)
            {
                findings.Add($"While checking {what}: {exception.GetType().Name}: {exception.Message}");
            }
        }
    }

    private static void CheckSpec(
        Func<IEnvironment> create, EnvironmentSpec spec, ImmutableArray<string>.Builder findings)
    {
        if (spec.ObservationShape[0] % spec.StackedFrames != 0)
        {
            findings.Add(
                $"Spec.StackedFrames is {spec.StackedFrames}, but the observation's first axis, " +
                $"{spec.ObservationShape[0]}, is no multiple of it.");
        }

        _ = spec.Layout; // Throws where the shape leaves it open.

        using var other = create();
        if (!other.Spec.Equals(spec))
            findings.Add("Spec differs between two environments made the same way.");
        other.Reset(1);
        if (!other.Spec.Equals(spec))
            findings.Add("Spec changes with Reset; it has to stay the same for the environment's life.");
    }

    private static void CheckOrder(
        Func<IEnvironment> create, EnvironmentSpec spec, ImmutableArray<string>.Builder findings)
    {
        var observation = new byte[spec.ObservationBytes];
        using (var environment = create())
            Expect<InvalidOperationException>("Step before the first Reset", () => environment.Step(0), findings);
        using (var environment = create())
        {
            Expect<InvalidOperationException>(
                "Observe before the first Reset", () => environment.Observe(observation), findings);
        }
    }

    private static void CheckArguments(
        Func<IEnvironment> create, EnvironmentSpec spec, ImmutableArray<string>.Builder findings)
    {
        using var environment = create();
        environment.Reset(1);
        int[] actions = [-1, spec.ActionCount, int.MinValue, int.MaxValue];
        foreach (int action in actions)
            Expect<ArgumentOutOfRangeException>($"Step({action})", () => environment.Step(action), findings);
        int[] lengths = [0, spec.ObservationBytes - 1, spec.ObservationBytes + 1];
        foreach (int length in lengths)
        {
            Expect<ArgumentException>(
                $"Observe with {length} bytes", () => environment.Observe(new byte[length]), findings);
        }

        // Refused calls leave the episode as it was.
        using var untouched = create();
        untouched.Reset(1);
        Compare(environment, untouched, 10, "After refused calls", findings);
    }

    private static void CheckSeeding(
        Func<IEnvironment> create, EnvironmentSpec spec, int steps, ImmutableArray<string>.Builder findings)
    {
        using var first = create();
        using var second = create();
        first.Reset(12345);
        second.Reset(12345);
        if (!Compare(first, second, steps, "Two environments, Reset with the same seed", findings))
            return;

        // The seed decides everything, whatever the environment did before.
        first.Reset(777);
        first.Step(Action(1, first));
        first.Reset(12345);
        second.Reset(12345);
        if (!Compare(first, second, steps, "A used environment, Reset with the same seed again", findings))
            return;

        first.Reset();
        second.Reset();
        Compare(first, second, steps, "After Reset without a seed on equal environments", findings);
    }

    private static void CheckEpisodes(
        Func<IEnvironment> create, EnvironmentSpec spec, int steps, ImmutableArray<string>.Builder findings)
    {
        using var environment = create();
        var once = new byte[spec.ObservationBytes];
        var twice = new byte[spec.ObservationBytes];
        bool sawEnd = false;
        environment.Reset(99);
        for (int i = 0; i < steps; i++)
        {
            // Bytes left unwritten show as the fill that was there before.
            once.AsSpan().Fill(0x00);
            twice.AsSpan().Fill(0xFF);
            environment.Observe(once);
            environment.Observe(twice);
            if (!once.AsSpan().SequenceEqual(twice))
            {
                findings.Add("Observe twice in a row gives different bytes, or leaves some unwritten.");
                return;
            }

            if (!IsFinite(once, spec, findings))
                return;
            var result = environment.Step(Action(i, environment));
            if (!double.IsFinite(result.Reward))
            {
                findings.Add($"A reward is {result.Reward}.");
                return;
            }

            if (!result.Ended)
                continue;
            environment.Observe(once);
            if (!result.Terminated && !IsFinite(once, spec, findings))
                return;
            if (!sawEnd)
            {
                Expect<InvalidOperationException>(
                    "Step after the episode's end", () => environment.Step(0), findings);
            }

            sawEnd = true;
            environment.Reset();
        }
    }

    private static bool IsFinite(
        ReadOnlySpan<byte> observation, EnvironmentSpec spec, ImmutableArray<string>.Builder findings)
    {
        if (spec.ElementType != ElementType.Single)
            return true;
        foreach (float value in MemoryMarshal.Cast<byte, float>(observation))
        {
            if (!float.IsFinite(value))
            {
                findings.Add($"An observation holds {value}.");
                return false;
            }
        }

        return true;
    }

    // Plays both alike, going on over the ends of episodes; adds a finding at the first difference.
    private static bool Compare(
        IEnvironment first, IEnvironment second, int steps, string when, ImmutableArray<string>.Builder findings)
    {
        var spec = first.Spec;
        var one = new byte[spec.ObservationBytes];
        var two = new byte[spec.ObservationBytes];
        for (int i = 0; ; i++)
        {
            first.Observe(one);
            second.Observe(two);
            if (!one.AsSpan().SequenceEqual(two))
            {
                findings.Add($"{when}: observations differ after {i} steps.");
                return false;
            }

            if (i == steps)
                return true;
            var (a, b) = (first.Step(Action(i, first)), second.Step(Action(i, second)));
            if (a != b)
            {
                findings.Add($"{when}: step {i + 1} gave {a} and {b}.");
                return false;
            }

            if (a.Ended)
            {
                first.Reset();
                second.Reset();
            }
        }
    }

    // Every action in irregular order: a fixed walk through them, to the next legal one where some are not.
    private static int Action(int step, IEnvironment environment)
    {
        EnvironmentSpec spec = environment.Spec;
        int action = (int)((uint)(step * step + step / 3) % (uint)spec.ActionCount);
        if (!spec.HasIllegalActions)
            return action;
        var legalActions = new bool[spec.ActionCount];
        environment.LegalActions(legalActions);
        for (int i = 0; i < spec.ActionCount; i++)
        {
            int candidate = (action + i) % spec.ActionCount;
            if (legalActions[candidate])
                return candidate;
        }

        throw new InvalidOperationException($"no action is legal after {step} steps, though the episode goes on");
    }

    private static void Expect<TException>(string what, Action call, ImmutableArray<string>.Builder findings)
        where TException : Exception
    {
        try
        {
            call();
        }
        catch (TException)
        {
            return;
        }
        catch (Exception exception)
        {
            findings.Add(
                $"{what}: expected {typeof(TException).Name}, got {exception.GetType().Name}: {exception.Message}");
            return;
        }

        findings.Add($"{what}: expected {typeof(TException).Name}, but the call succeeded.");
    }
}
