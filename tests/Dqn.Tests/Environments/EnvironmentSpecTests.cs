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

    [TestCase(new[] { 64, 48, 3 }, 1, ObservationLayout.ChannelsLast)]
    [TestCase(new[] { 3, 64, 48 }, 1, ObservationLayout.ChannelsFirst)]
    [TestCase(new[] { 4, 84, 84 }, 4, ObservationLayout.ChannelsFirst)]
    [TestCase(new[] { 12, 84, 84 }, 4, ObservationLayout.ChannelsFirst)]
    [TestCase(new[] { 64, 48 }, 1, ObservationLayout.Grey)]
    [TestCase(new[] { 7 }, 1, ObservationLayout.Features)]
    public void A_shape_of_bytes_says_its_layout(int[] shape, int stacked, ObservationLayout layout) => Assert.That(
        (s_spec with { ObservationShape = [.. shape], StackedFrames = stacked }).Layout, Is.EqualTo(layout));

    [Test]
    public void Numbers_are_features_unless_it_says_otherwise()
    {
        EnvironmentSpec numbers = s_spec with { ElementType = ElementType.Single, ObservationShape = [10, 10, 4], StackedFrames = 1 };
        Assert.That(numbers.Layout, Is.EqualTo(ObservationLayout.Features));
        EnvironmentSpec pictures = numbers with { Layout = ObservationLayout.ChannelsLast };
        Assert.That(pictures.Layout, Is.EqualTo(ObservationLayout.ChannelsLast));
        Assert.That(pictures, Is.Not.EqualTo(numbers));
    }

    [TestCase(new[] { 3, 64, 3 })]
    [TestCase(new[] { 20, 64, 48 })]
    [TestCase(new[] { 2, 3, 4, 5 })]
    public void A_shape_that_leaves_it_open_asks_for_the_layout(int[] shape)
    {
        EnvironmentSpec open = s_spec with { ObservationShape = [.. shape], StackedFrames = 1 };
        Assert.That(() => open.Layout, Throws.ArgumentException.With.Message.Contains("Set ObservationLayout.ChannelsLast"));
        Assert.That(open, Is.EqualTo(open with { }), "and can still be compared");
    }

    [Test]
    public void A_layout_of_another_number_of_axes_is_refused() => Assert.That(
        () => (s_spec with { Layout = ObservationLayout.Grey }).Layout,
        Throws.ArgumentException.With.Message.Contains("layout Grey, got [4, 84, 84]"));

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
