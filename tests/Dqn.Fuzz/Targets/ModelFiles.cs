using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Serialization;
using Dqn.Values;

namespace Dqn.Fuzz;

/// <summary>Weights as people have them, PyTorch's and safetensors, of real networks.</summary>
internal static class ModelFiles
{
    private const int Every = 256;

    public static IEnumerable<Target> All()
    {
        foreach (string name in typeof(ModelFiles).Assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            byte[] file = Resource(name);
            bool isSafeTensors = name.EndsWith(".safetensors", StringComparison.Ordinal);
            Action<byte[]> read = isSafeTensors ? ReadSafeTensors : ReadPyTorch;
            yield return new Target(name, file, Mutations.MutateFurther, read, Every);
            if (isSafeTensors)
            {
                yield return new Target($"{name}, header", file, DamageHeader, ReadSafeTensors, Every);
                yield return new Target($"{name}, header, network", file, DamageHeader, ReadNetwork, Every);
            }
            else if (file[0] == (byte)'P')
            {
                yield return new Target($"{name}, pickle", file, DamagePickle, ReadPyTorch, Every);
                yield return new Target($"{name}, pickle, network", file, DamagePickle, ReadNetwork, Every);
                yield return new Target($"{name}, deflated pickle", file, DamageDeflatedPickle, ReadPyTorch, Every);
            }
        }

        byte[] told = Network();
        yield return new Target("architecture", told, DamageArchitecture, ReadNetwork, Every);
        yield return new Target("told, header, network", told, DamageHeader, ReadNetwork, Every);
    }

    public static byte[] DamageHeader(byte[] file, Pcg64 random) =>
        Archives.WithHeader(file, header => Mutations.MutateFurther(header, random));

    public static byte[] DamagePickle(byte[] file, Pcg64 random) =>
        Archives.WithPickle(file, pickle => Mutations.MutateFurther(pickle, random));

    public static byte[] DamageDeflatedPickle(byte[] file, Pcg64 random) =>
        Archives.WithPickle(file, pickle => Mutations.MutateFurther(pickle, random), deflated: true);

    public static byte[] DamageArchitecture(byte[] file, Pcg64 random) =>
        Archives.WithArchitecture(file, text => Mutations.MutateFurther(text, random));

    public static void ReadPyTorch(byte[] file) => PyTorchFile.Read(new MemoryStream(file));

    public static void ReadSafeTensors(byte[] file) => SafeTensorsFile.Read(new MemoryStream(file));

    // For three tasks, and the first evaluation belongs to it.
    private static void ReadNetwork(byte[] file)
    {
        Sequential numbers = new([4], pixels: false, [new Linear("any", 2)]);
        Sequential square = new([4], pixels: false, [new Linear("any", 4)]);
        Sequential pixels = new([4, 84, 84], pixels: true, [new Flatten(), new Linear("any", 5)]);
        NetworkFileOptions options = new() { Network = new QNetworkOptions { Threads = 1 } };
        using LoadedNetwork loaded = NetworkFile.Read(new MemoryStream(file), [numbers, square, pixels], options);
        loaded.Network.Evaluate(new byte[loaded.Network.ObservationBytes], new float[loaded.Network.ActionCount]);
    }

    private static byte[] Resource(string name)
    {
        using Stream stream = typeof(ModelFiles).Assembly.GetManifestResourceStream(name)!;
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    private static byte[] Network()
    {
        Sequential architecture = new(
            [4, 84, 84], pixels: true,
            [
                new Conv2d("conv1", 2, 8, 4), new Relu(), new Conv2d("conv2", 3, 4, 2), new LayerNorm("norm"), new Relu(),
                new Flatten(),
                new Dueling(
                    [new NoisyLinear("v1", 4), new Relu(), new Linear("v2", 3)],
                    [new Linear("a1", 4), new Relu(), new Linear("a2", 15)]),
            ],
            new CategoricalDistribution(-1, 1, 3));
        using var network = new QNetwork(architecture, new Pcg64(1), new QNetworkOptions { Threads = 1 });
        return SmallModelFiles.Save(network);
    }
}
