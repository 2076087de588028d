using Dqn.Networks;

namespace Dqn.Tests.Networks;

/// <summary>Several atoms at a time give what one at a time gives, to the bit.</summary>
public unsafe class DuelingKernelTests
{
    [Test]
    public void Value_and_advantages_go_together_and_apart([Values(1, 2, 9)] int actions, [Values(1, 4, 7, 8, 32, 51)] int atoms)
    {
        Random random = new(actions * 100 + atoms);
        float[] value = Numbers(atoms), advantages = Numbers(actions * atoms);
        float[] combined = [.. advantages], sums = new float[atoms], centred = new float[actions * atoms];
        fixed (float* v = value, a = advantages, c = combined, s = sums, d = centred)
        {
            DuelingKernel.Combine(v, actions, atoms, c);
            DuelingKernel.Split(a, actions, atoms, s, d);
        }

        for (int atom = 0; atom < atoms; atom++)
        {
            float sum = 0;
            for (int action = 0; action < actions; action++)
                sum += advantages[action * atoms + atom];
            Assert.That(sums[atom], Is.EqualTo(sum));
            for (int i = atom; i < actions * atoms; i += atoms)
            {
                Assert.That(combined[i], Is.EqualTo(advantages[i] + (value[atom] - sum / actions)));
                Assert.That(centred[i], Is.EqualTo(advantages[i] - sum / actions));
            }
        }

        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 4 - 2)];
    }
}
