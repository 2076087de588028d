using Dqn.Agents;

namespace Dqn.Tests.Agents;

public sealed class AdvantageLearningTests
{
    [Test]
    public void ActionsLoseAShareOfWhatTheyLackToTheBest()
    {
        float[] rewards = [1, 2, 3];
        AdvantageLearning.AddAdvantages([0, 4, 4, 0, -5, -5], [0, 0, 1], 0.5f, rewards);
        Assert.That(rewards, Is.EqualTo(new[] { 1 - 0.5f * 4, 2, 3 }));
    }

    [Test]
    public void BadInputIsNamed() => Assert.Multiple(() =>
    {
        Assert.That(() => AdvantageLearning.AddAdvantages([1, 2, 3], [0, 0], 0.5f, new float[2]), Throws.ArgumentException);
        Assert.That(() => AdvantageLearning.AddAdvantages([1, 2], [0, 1], 0.5f, new float[1]), Throws.ArgumentException);
    });
}
