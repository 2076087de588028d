using System.Collections.Immutable;

namespace Dqn.Environments;

/// <content>What training relies on beyond single calls: legal actions, stacks, looking, saving.</content>
public static partial class EnvironmentConformance
{
    // What is legal is a promise to the agent: it can be taken, it does not change by being asked, and it is always complete.
    private static void CheckLegalActions(
        Func<IEnvironment> create, EnvironmentSpec spec, int steps, ImmutableArray<string>.Builder findings)
    {
        using var environment = create();
        bool[] once = new bool[spec.ActionCount], twice = new bool[spec.ActionCount];
        environment.Reset(99);
        for (int i = 0; i < steps; i++)
        {
            once.AsSpan().Fill(false);
            twice.AsSpan().Fill(true);
            environment.LegalActions(once);
            environment.LegalActions(twice);
            if (!once.AsSpan().SequenceEqual(twice))
            {
                findings.Add("LegalActions twice in a row gives different masks, or leaves some of it unwritten.");
                return;
            }

            if (!spec.HasIllegalActions && once.Contains(false))
            {
                findings.Add(
                    $"LegalActions says that action {Array.IndexOf(once, false)} is illegal, but Spec.HasIllegalActions is " +
                    "false, so nobody asks. Set it.");
                return;
            }

            if (!once.Contains(true))
            {
                findings.Add($"No action is legal after {i} steps, though the episode goes on.");
                return;
            }

            if (environment.Step(Action(i, environment)).Ended)
                environment.Reset();
        }
    }

    // Replay keeps one frame of each step and rebuilds the stacks from them.
    private static void CheckStacks(
        Func<IEnvironment> create, EnvironmentSpec spec, int steps, ImmutableArray<string>.Builder findings)
    {
        if (spec.StackedFrames == 1 || spec.ObservationBytes % spec.StackedFrames != 0)
            return;
        using var environment = create();
        int frame = spec.FrameBytes;
        byte[] before = new byte[spec.ObservationBytes], after = new byte[spec.ObservationBytes];
        bool ended = true;
        environment.Reset(99);
        for (int i = 0; i < steps; i++)
        {
            environment.Observe(after);
            if (ended && !after.AsSpan(frame).SequenceEqual(after.AsSpan(0, after.Length - frame)))
            {
                findings.Add($"After Reset the stack is not the first frame {spec.StackedFrames} times.");
                return;
            }

            if (!ended && !before.AsSpan(frame).SequenceEqual(after.AsSpan(0, after.Length - frame)))
            {
                findings.Add(
                    $"Step {i} does not move the stack of {spec.StackedFrames} frames on by one, oldest first: replay, which " +
                    "keeps the newest alone, would rebuild another. Set Spec.StackedFrames to 1 or use FrameStack.");
                return;
            }

            (before, after) = (after, before);
            if (ended = environment.Step(Action(i, environment)).Ended)
                environment.Reset();
        }
    }

    // Draws what the one sees every step and the other only now and then: both must go on alike.
    private static void CheckObserving(
        Func<IEnvironment> create, EnvironmentSpec spec, int steps, ImmutableArray<string>.Builder findings)
    {
        using var observed = create();
        using var unobserved = create();
        var one = new byte[spec.ObservationBytes];
        var two = new byte[spec.ObservationBytes];
        observed.Reset(99);
        unobserved.Reset(99);
        for (int i = 0; i < steps; i++)
        {
            observed.Observe(one);
            var result = observed.Step(Action(i, observed));
            if (unobserved.Step(Action(i, unobserved)) != result)
            {
                findings.Add("Observe changes the steps that follow.");
                return;
            }

            observed.Observe(one);
            if (i % 7 == 6)
            {
                unobserved.Observe(two);
                if (!one.AsSpan().SequenceEqual(two))
                {
                    findings.Add("Observe changes the observations that follow.");
                    return;
                }
            }

            if (result.Ended)
            {
                observed.Reset();
                unobserved.Reset();
            }
        }
    }

    private static void CheckSaving(
        Func<IEnvironment> create, EnvironmentSpec spec, int steps, ImmutableArray<string>.Builder findings)
    {
        using var environment = create();
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory);
        if (!environment.CanSaveState)
        {
            environment.Reset(5);
            Expect<NotSupportedException>(
                "SaveState although CanSaveState is false", () => environment.SaveState(writer), findings);
            return;
        }

        using (var fresh = create())
        using (var copy = create())
        {
            fresh.SaveState(writer);
            memory.Position = 0;
            copy.LoadState(new BinaryReader(memory));
            Expect<InvalidOperationException>(
                "Step after loading the state from before the first Reset", () => copy.Step(0), findings);
            fresh.Reset(5);
            copy.Reset(5);
            if (!Compare(fresh, copy, steps / 4 + 1, "After SaveState and LoadState before the first Reset", findings))
                return;
        }

        // Straight after Reset, between looks, and at an episode's end if one comes.
        int played = 0;
        environment.Reset(5);
        foreach (int pause in (int[])[0, 1, 6, steps])
        {
            StepResult last = default;
            for (int i = 0; i < pause && !last.Ended; i++)
                last = environment.Step(Action(played++, environment));
            memory.SetLength(0);
            environment.SaveState(writer);
            writer.Flush();
            using var copy = create();
            memory.Position = 0;
            copy.LoadState(new BinaryReader(memory));
            if (memory.Position != memory.Length)
            {
                findings.Add($"LoadState reads {memory.Position} of the {memory.Length} bytes that SaveState wrote.");
                return;
            }

            if (last.Ended)
            {
                Expect<InvalidOperationException>(
                    "Step after loading the state of an ended episode", () => copy.Step(0), findings);
                if (!Compare(environment, copy, 0, "After SaveState and LoadState at an episode's end", findings))
                    return;
                environment.Reset();
                copy.Reset();
            }

            if (!Compare(environment, copy, steps / 4 + 1, "After SaveState and LoadState", findings))
                return;
        }
    }
}
