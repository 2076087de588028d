using Dqn.Agents;
using Dqn.Randomness;

namespace Dqn.Tests.Agents;

/// <summary>The learning rules among legal actions are those of a task that has no others.</summary>
public sealed class MaskedRulesTests
{
    private const int Batch = 40, Actions = 6, Atoms = 3;

    [Test]
    public void An_illegal_action_is_never_the_greedy_one() => Assert.Multiple(() =>
    {
        Assert.That(TemporalDifference.GreedyAction([1, 5, 3], [true, false, true]), Is.EqualTo(2));
        Assert.That(TemporalDifference.GreedyAction([7, 5, 5], [false, true, true]), Is.EqualTo(1), "the first of equals");
        Assert.That(TemporalDifference.GreedyAction([1, 5, 3]), Is.EqualTo(1));
        Assert.That(() => TemporalDifference.GreedyAction([1, 2], [false, false]), Throws.ArgumentException);
        Assert.That(() => TemporalDifference.GreedyAction([1, 2], [true]), Throws.ArgumentException);
    });

    [Test]
    public void Rules_equal_those_on_the_legal_actions_alone()
    {
        var random = new Pcg64(3);
        float[] values = Numbers(random, Batch * Actions), distributions = Numbers(random, Batch * Actions * Atoms);
        bool[] legal = Masks(random);
        int[] taken = [.. Enumerable.Range(0, Batch).Select(i => Array.FindIndex(legal, i * Actions, x => x) - i * Actions)];
        float[] next = new float[Batch * Atoms], soft = new float[Batch], gaps = new float[Batch], logs = new float[Batch];
        var munchausen = new MunchausenOptions { Temperature = 0.3, LogPolicyFloor = -1 };
        TemporalDifference.Select(values, distributions, Actions, next, legal);
        Munchausen.SoftValues(values, 0.3f, soft, legal);
        AdvantageLearning.AddAdvantages(values, taken, 0.5f, gaps, legal);
        Munchausen.AddLogPolicy(values, taken, munchausen, logs, legal);
        for (int i = 0; i < Batch; i++)
        {
            int[] kept = [.. Enumerable.Range(0, Actions).Where(action => legal[i * Actions + action])];
            float[] few = [.. kept.Select(action => values[i * Actions + action])];
            float[] fewDistributions =
                [.. kept.SelectMany(action => distributions.AsSpan((i * Actions + action) * Atoms, Atoms).ToArray())];
            float[] expected = new float[Atoms], one = new float[1];
            TemporalDifference.Select(few, fewDistributions, kept.Length, expected);
            Assert.That(next[(i * Atoms)..((i + 1) * Atoms)], Is.EqualTo(expected));
            Munchausen.SoftValues(few, 0.3f, one);
            Assert.That(soft[i], Is.EqualTo(one[0]));
            int index = Array.IndexOf(kept, taken[i]);
            one[0] = 0;
            AdvantageLearning.AddAdvantages(few, [index], 0.5f, one);
            Assert.That(gaps[i], Is.EqualTo(one[0]));
            one[0] = 0;
            Munchausen.AddLogPolicy(few, [index], munchausen, one);
            Assert.That(logs[i], Is.EqualTo(one[0]));
        }
    }

    [Test]
    public void Where_the_task_has_ended_nothing_need_be_legal()
    {
        float[] next = [9, 9, 9], soft = [9];
        TemporalDifference.Select([1, 2], [1, 2, 3, 4, 5, 6], 2, next, [false, false]);
        Munchausen.SoftValues([1, 2], 1, soft, [false, false]);
        Assert.That(next, Is.All.Zero);
        Assert.That(soft, Is.All.Zero);
    }

    [Test]
    public void A_mirrored_mask_is_that_of_the_mirrored_actions()
    {
        int[] mirror = [0, 2, 1, 3];
        bool[] masks = [true, true, false, false, /**/ true, true, false, false];
        RandomMirror.LegalActions([false, true], mirror, masks);
        Assert.That(masks, Is.EqualTo(new[] { true, true, false, false, /**/ true, false, true, false }));
        RandomMirror.LegalActions([true], mirror, []);
        Assert.That(() => RandomMirror.LegalActions([true], mirror, new bool[3]), Throws.ArgumentException);
    }

    private static float[] Numbers(Pcg64 random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)random.Uniform(-2, 2))];

    private static bool[] Masks(Pcg64 random)
    {
        bool[] masks = [.. Enumerable.Range(0, Batch * Actions).Select(_ => random.Integer(2) == 1)];
        for (int i = 0; i < Batch; i++)
            masks[i * Actions + random.Integer(Actions)] = true;
        return masks;
    }
}
