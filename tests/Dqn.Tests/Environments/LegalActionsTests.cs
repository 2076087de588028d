using System.Text.Json.Nodes;
using Dqn.Environments;

namespace Dqn.Tests.Environments;

public sealed class LegalActionsTests
{
    [Test]
    public void Environments_with_illegal_actions_conform() => Assert.Multiple(() =>
    {
        Assert.That(EnvironmentConformance.List(() => new TakeAway()), Is.Empty);
        Assert.That(EnvironmentConformance.List(() => new TakeAway().WithTimeLimit(3).WithStatistics()), Is.Empty);
        Assert.That(EnvironmentConformance.List(() => new TakeAway().WithNoOpStart(1).WithFrameSkip(2)), Is.Empty);
    });

    [TestCase(typeof(SaysNothing), "action 1 is illegal, but Spec.HasIllegalActions is false")]
    [TestCase(typeof(ForbidsEverything), "No action is legal after 0 steps")]
    [TestCase(typeof(WritesInPart), "leaves some of it unwritten")]
    [TestCase(typeof(Lies), "While checking legal actions: ArgumentException")]
    public void Conformance_finds_the_defect(Type broken, string expected) => Assert.That(
        EnvironmentConformance.List(() => (IEnvironment)Activator.CreateInstance(broken)!), Has.Some.Contains(expected));

    [Test]
    public void A_spec_keeps_it_through_json()
    {
        EnvironmentSpec spec = new TakeAway().Spec, without = spec with { HasIllegalActions = false };
        Assert.Multiple(() =>
        {
            Assert.That(spec, Is.Not.EqualTo(without));
            Assert.That(EnvironmentDescription.ReadSpec(spec.Describe()), Is.EqualTo(spec));
            Assert.That(EnvironmentDescription.ReadSpec(without.Describe()), Is.EqualTo(without));
            Assert.That(without.Describe().ContainsKey("hasIllegalActions"), Is.False, "as files were before there were any");
            JsonObject wrong = spec.Describe();
            wrong["hasIllegalActions"] = "perhaps";
            Assert.That(() => EnvironmentDescription.ReadSpec(wrong), Throws.TypeOf<InvalidDataException>());
        });
    }

    [Test]
    public void Unless_implemented_all_actions_are_legal()
    {
        IEnvironment environment = new CartPoleEnvironment();
        bool[] legal = [false, false];
        environment.LegalActions(legal);
        Assert.That(legal, Is.All.True);
    }

    [Test]
    public void Skipping_stops_where_the_action_has_become_illegal()
    {
        using var game = new TakeAway();
        using IEnvironment skipping = game.WithFrameSkip(8);
        for (ulong seed = 0; seed < 50; seed++)
        {
            skipping.Reset(seed);
            StepResult result = skipping.Step(2);
            var legal = new bool[4];
            skipping.LegalActions(legal);
            Assert.That(result.Ended || !legal[2], "eight times three are more than there are");
        }
    }

    [Test]
    public void Nothing_is_done_at_the_start_where_that_is_illegal()
    {
        using IEnvironment environment = new TakeAway().WithNoOpStart(steps: 100, action: 3);
        for (ulong seed = 0; seed < 20; seed++)
        {
            environment.Reset(seed);
            var legal = new bool[4];
            environment.LegalActions(legal);
            Assert.That(legal[3], Is.False);
            Assert.That(legal, Does.Contain(true));
        }
    }

    [Test]
    public void A_vector_gives_every_environments()
    {
        using var vector = new VectorEnvironment(3, _ => new TakeAway());
        var legal = new bool[12];
        Assert.That(() => vector.LegalActions(legal), Throws.InvalidOperationException);
        vector.Reset(5);
        vector.LegalActions(legal);
        for (int i = 0; i < 3; i++)
        {
            var own = new bool[4];
            vector.Environments[i].LegalActions(own);
            Assert.That(legal[(4 * i)..(4 * i + 4)], Is.EqualTo(own));
        }

        Assert.That(() => vector.LegalActions(new bool[4]), Throws.ArgumentException.With.Message.Contains("3 × 4"));
    }

    [Test]
    public void A_vector_keeps_those_of_the_final_observation()
    {
        using var vector = new VectorEnvironment(2, _ => new TakeAway().WithTimeLimit(2), AutoresetMode.SameStep);
        using var plain = new TakeAway();
        vector.Reset(7);
        plain.Reset(8);
        var results = new StepResult[2];
        for (int step = 0; step < 2; step++)
        {
            vector.Step([0, 0], results);
            plain.Step(0);
        }

        Assert.That(results[1].Truncated);
        var expected = new bool[4];
        plain.LegalActions(expected);
        Assert.That(vector.FinalLegalActions(1).ToArray(), Is.EqualTo(expected));
        using var memory = new MemoryStream();
        vector.SaveState(new BinaryWriter(memory));
        memory.Position = 0;
        using var copy = new VectorEnvironment(2, _ => new TakeAway().WithTimeLimit(2), AutoresetMode.SameStep);
        copy.LoadState(new BinaryReader(memory));
        Assert.That(copy.FinalLegalActions(1).ToArray(), Is.EqualTo(expected));
    }

    private sealed class SaysNothing : TakeAway
    {
        public override EnvironmentSpec Spec => base.Spec with { HasIllegalActions = false };

        public override void LegalActions(Span<bool> legalActions)
        {
            legalActions.Fill(true);
            legalActions[1] = false;
        }
    }

    private sealed class ForbidsEverything : TakeAway
    {
        public override void LegalActions(Span<bool> legalActions) => legalActions.Clear();
    }

    private sealed class WritesInPart : TakeAway
    {
        public override void LegalActions(Span<bool> legalActions) => legalActions[0] = true;
    }

    private sealed class Lies : TakeAway
    {
        public override void LegalActions(Span<bool> legalActions) => legalActions.Fill(true);
    }
}
