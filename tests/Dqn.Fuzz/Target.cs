using Dqn.Media;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Serialization;
using Dqn.Values;

namespace Dqn.Fuzz;

/// <summary>A reader, a valid file for it, and how that is damaged.</summary>
/// <param name="Name">For the report.</param>
/// <param name="File">The valid file.</param>
/// <param name="Damage">Makes another file of it.</param>
/// <param name="Read">The reader.</param>
internal sealed record Target(string Name, byte[] File, Func<byte[], Pcg64, byte[]> Damage, Action<byte[]> Read)
{
    /// <summary>All readers, with files of every form.</summary>
    public static IReadOnlyList<Target> All()
    {
        List<Target> targets = [];
        foreach (string name in typeof(Target).Assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            byte[] file = Resource(name);
            bool isSafeTensors = name.EndsWith(".safetensors", StringComparison.Ordinal);
            Action<byte[]> read = isSafeTensors ? ReadSafeTensors : ReadPyTorch;
            targets.Add(new Target(name, file, Mutations.MutateFurther, read));
            if (isSafeTensors)
            {
                targets.Add(new Target($"{name}, header", file, DamageHeader, ReadSafeTensors));
                targets.Add(new Target($"{name}, header, network", file, DamageHeader, ReadNetwork));
            }
            else if (file[0] == (byte)'P')
            {
                targets.Add(new Target($"{name}, pickle", file, DamagePickle, ReadPyTorch));
                targets.Add(new Target($"{name}, pickle, network", file, DamagePickle, ReadNetwork));
                targets.Add(new Target($"{name}, deflated pickle", file, DamageDeflatedPickle, ReadPyTorch));
            }
        }

        byte[] told = Network();
        targets.Add(new Target("architecture", told, DamageArchitecture, ReadNetwork));
        targets.Add(new Target("told, header, network", told, DamageHeader, ReadNetwork));
        byte[] picture = Picture();
        targets.Add(new Target("png", picture, Mutations.MutateFurther, ReadPng));
        targets.Add(new Target(
            "png, checksums right", picture,
            (file, random) => Archives.WithChecksums(Mutations.MutateFurther(file, random)), ReadPng));
        return targets;
    }

    private static byte[] DamageHeader(byte[] file, Pcg64 random) =>
        Archives.WithHeader(file, header => Mutations.MutateFurther(header, random));

    private static byte[] DamagePickle(byte[] file, Pcg64 random) =>
        Archives.WithPickle(file, pickle => Mutations.MutateFurther(pickle, random));

    private static byte[] DamageDeflatedPickle(byte[] file, Pcg64 random) =>
        Archives.WithPickle(file, pickle => Mutations.MutateFurther(pickle, random), deflated: true);

    private static byte[] DamageArchitecture(byte[] file, Pcg64 random) =>
        Archives.WithArchitecture(file, text => Mutations.MutateFurther(text, random));

    private static void ReadPyTorch(byte[] file) => PyTorchFile.Read(new MemoryStream(file));

    private static void ReadSafeTensors(byte[] file) => SafeTensorsFile.Read(new MemoryStream(file));

    private static void ReadPng(byte[] file) => PngImage.Read(new MemoryStream(file));

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
        using Stream stream = typeof(Target).Assembly.GetManifestResourceStream(name)!;
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
        string path = Path.GetTempFileName();
        try
        {
            System.IO.File.Move(path, path += ".safetensors");
            NetworkFile.Write(path, network);
            return System.IO.File.ReadAllBytes(path);
        }
        finally
        {
            System.IO.File.Delete(path);
        }
    }

    private static byte[] Picture()
    {
        var pixels = new byte[24 * 17 * 3];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)(i * i / 7);
        using var stream = new MemoryStream();
        PngEncoder.Write(stream, pixels, 24, 17, PixelFormat.Rgb);
        return stream.ToArray();
    }
}
