using Dqn.Networks;
using Dqn.Values;

namespace Dqn.Tests.Networks;

/// <summary>Small networks of padded convolutions, poolings, residual blocks and layers of the tests' own.</summary>
internal static class MoreArchitectures
{
    public static IEnumerable<(string Name, Sequential Architecture)> All =>
    [
        ("padding", new Sequential([3, 7, 6], true,
        [
            new Conv2d("a", 18, 3, padding: 1), new Relu(), new Conv2d("b", 5, 5, 2, 2), new Conv2d("c", 33, 3, 1, 2),
            new LayerNorm("cn"), new Relu(), new Conv2d("d", 4, 2, 3, 1), new Flatten(), new Linear("e", 3),
        ])),
        ("padding, one channel, floats", new Sequential([1, 5, 8], false,
            [new Conv2d("a", 1, 3, 1, 1), new Conv2d("b", 2, 4, 2, 3), new Flatten(), new Linear("c", 2)])),
        ("largest", new Sequential([2, 9, 10], true,
        [
            new Conv2d("a", 35, 3), new MaxPool2d(3, 2, 1), new Relu(), new Conv2d("b", 5, 2), new MaxPool2d(2, 1),
            new Flatten(), new Relu(), new Linear("c", 3),
        ])),
        ("means", new Sequential([2, 9, 10], true,
        [
            new Conv2d("a", 35, 3), new AvgPool2d(3, 2, 1), new LayerNorm("an"), new Relu(), new Conv2d("b", 5, 2),
            new AvgPool2d(2), new Flatten(), new Linear("c", 3),
        ])),
        ("pooled observations", new Sequential([3, 8, 9], true,
            [new AvgPool2d(2), new MaxPool2d(3, 1), new Flatten(), new Linear("a", 5), new Relu(), new Linear("b", 2)])),
        ("adaptive", new Sequential([2, 11, 9], false,
        [
            new Conv2d("a", 18, 2), new AdaptiveMaxPool2d(6, 5), new Conv2d("b", 17, 2), new Relu(),
            new AdaptiveAvgPool2d(3, 3), new Flatten(), new Linear("c", 3),
        ])),
        ("residual blocks", new Sequential([2, 12, 9], true,
        [
            new Conv2d("a", 16, 3, padding: 1), new MaxPool2d(3, 2, 1), Block("b", 16), Block("c", 16), new Relu(),
            new Flatten(), new Linear("d", 8), new Relu(), new Linear("e", 3),
        ])),
        ("residual blocks in each other, rectified and normalised", new Sequential([2, 6, 5], true,
        [
            new Residual([new Conv2d("a", 2, 3, padding: 1), new Relu()]), new Relu(), new LayerNorm("n"),
            new Residual(
            [
                new Conv2d("b", 7, 3, padding: 1), new Residual([new Conv2d("c", 7, 1, bias: false), new LayerNorm("cn")]),
                new Relu(), new Conv2d("d", 2, 1), new Relu(), new Relu(),
            ]),
            new Flatten(), new Linear("e", 3),
        ])),
        ("residual features after images", new Sequential([2, 5, 4], true,
        [
            new Conv2d("a", 3, 2), new Relu(), new Flatten(),
            new Residual([new Linear("b", 36), new Relu(), new NoisyLinear("c", 36)]), new LayerNorm("n"),
            new Residual([new Relu(), new Linear("d", 36, bias: false)]), new Relu(), new Linear("e", 3),
        ])),
        ("rectifiers anywhere", new Sequential([4, 6, 5], false,
        [
            new Relu(), new Conv2d("a", 5, 2), new Relu(), new Relu(), new Flatten(), new Relu(),
            new Dueling(
                [new Relu(), new Linear("v", 1)],
                [new LayerNorm("n"), new Relu(), new Linear("w", 7), new Relu(), new Relu(), new Linear("x", 3)]),
        ])),
        ("rectified and normalised features first", new Sequential([9], false,
            [new LayerNorm("n"), new Relu(), new Linear("a", 4)])),
        ("own layers", new Sequential([3, 6, 4], true,
        [
            new Conv2d("a", 5, 2), new Turn("t", 2), new Swish("s"), new Conv2d("b", 4, 2), new Relu(),
            new Turn("u", 1), new Relu(), new Flatten(), new Swish("z"), new Linear("c", 9), new Relu(), new Swish("y"),
            new Linear("d", 3),
        ])),
        ("own layers first and last", new Sequential([2, 4, 3], true,
            [new Turn("t", 1), new Flatten(), new Linear("a", 7), new LayerNorm("an"), new Energies(3)])),
        ("own layer of features first", new Sequential([5], false,
            [new Swish("s"), new Linear("a", 8), new Energies(4), new Linear("b", 2)])),
        ("own layers in blocks and streams, quantiles", new Sequential([2, 6, 5], false,
        [
            new Residual([new Conv2d("a", 3, 1), new Swish("s"), new Conv2d("b", 2, 3, padding: 1)]),
            new Residual([new Swish("q")]), new Relu(), new Flatten(), new Residual([new Swish("r")]),
            new Dueling(
                [new Swish("v"), new Linear("v1", 7)],
                [new Linear("w1", 6), new Swish("w"), new Energies(5), new NoisyLinear("w2", 3 * 7)]),
        ], new QuantileDistribution(7))),
    ];

    private static Residual Block(string name, int channels) => new(
    [
        new Relu(), new Conv2d($"{name}1", channels, 3, padding: 1), new Relu(),
        new Conv2d($"{name}2", channels, 3, padding: 1),
    ]);
}
