using Dqn.Environments;

namespace Dqn.Tests.Environments;

public class EnvironmentSpecTests
{
    private static readonly EnvironmentSpec s_spec = new()
    {
        Name = "Test",
        ObservationShape = [4, 84, 84],
        ElementType = ElementType.Byte,
        ActionCount = 5,
        StackedFrames = 4,
    };

    [Test]
    public void Sizes()
    {
        Assert.That(s_spec.ObservationLength, Is.EqualTo(28224));
        Assert.That(s_spec.ObservationBytes, Is.EqualTo(28224));
        Assert.That(s_spec.FrameBytes, Is.EqualTo(7056));
        Assert.That((s_spec with { ElementType = ElementType.Single }).ObservationBytes, Is.EqualTo(112896));
    }

    [Test]
    public void EqualWhereEveryNumberIs()
    {
        Assert.That(s_spec with { ObservationShape = [4, 84, 84] }, Is.EqualTo(s_spec));
        Assert.That((s_spec with { ObservationShape = [4, 84, 84] }).GetHashCode(), Is.EqualTo(s_spec.GetHashCode()));
        Assert.That(s_spec with { ObservationShape = [4, 42, 168] }, Is.Not.EqualTo(s_spec));
        Assert.That(s_spec with { ActionCount = 4 }, Is.Not.EqualTo(s_spec));
    }

    [Test]
    public void WhatCannotBeIsRefused()
    {
        Assert.That(() => s_spec with { ObservationShape = [] }, Throws.ArgumentException);
        Assert.That(() => s_spec with { ObservationShape = [4, 0] }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => s_spec with { ActionCount = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => s_spec with { StackedFrames = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => s_spec with { Name = " " }, Throws.ArgumentException);
    }

    [Test]
    public void MessagesNameWhatWasExpectedAndWhatCame()
    {
        Assert.That(
            () => s_spec.ThrowIfNotAnAction(5),
            Throws.TypeOf<ArgumentOutOfRangeException>()
                .With.Message.Contains("expected an action from 0 to 4, got 5"));
        Assert.That(
            () => s_spec.ThrowIfNotAnObservation(new byte[7056]),
            Throws.ArgumentException.With.Message.Contains(
                "expected a span of 28224 bytes for an observation of shape [4, 84, 84], got 7056 bytes"));
    }
}
