using System.Collections.Immutable;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Serialization;

namespace Dqn.Fuzz;

/// <summary>The same formats with a handful of numbers in them.</summary>
internal static class SmallModelFiles
{
    public static IEnumerable<Target> All()
    {
        var tensors = new StateDict
        {
            { "fc1.weight", Tensor.FromSingles([1, 2, 3, 4, 5, 6, 7, 8], 2, 4) },
            { "fc1.bias", Tensor.FromSingles([0.5f, -0.5f], 2) },
        };
        using var stream = new MemoryStream();
        PyTorchFile.Write(stream, tensors);
        byte[] pytorch = stream.ToArray();
        yield return new Target("small pt", pytorch, Mutations.MutateFurther, ModelFiles.ReadPyTorch);
        yield return new Target("small pt, pickle", pytorch, ModelFiles.DamagePickle, ModelFiles.ReadPyTorch);
        yield return new Target("small pt, pickle, again", pytorch, ModelFiles.DamagePickle, ModelFiles.ReadPyTorch);
        yield return new Target(
            "small pt, deflated pickle", pytorch, ModelFiles.DamageDeflatedPickle, ModelFiles.ReadPyTorch, Every: 4);

        stream.SetLength(0);
        SafeTensorsFile.Write(stream, tensors, new Dictionary<string, string> { ["format"] = "pt", ["é"] = "\u2028" });
        byte[] safetensors = stream.ToArray();
        yield return new Target("small safetensors", safetensors, Mutations.MutateFurther, ModelFiles.ReadSafeTensors);
        yield return new Target("small safetensors, header", safetensors, ModelFiles.DamageHeader, ModelFiles.ReadSafeTensors);

        byte[] policy = Policy();
        yield return new Target("policy, header", policy, ModelFiles.DamageHeader, ReadPolicy, Every: 4);
        yield return new Target("policy, architecture", policy, ModelFiles.DamageArchitecture, ReadSmallNetwork, Every: 4);
        yield return new Target("small pt, network", pytorch, ModelFiles.DamagePickle, ReadSmallNetwork, Every: 4);
    }

    /// <summary>A network's file, its architecture included.</summary>
    public static byte[] Save(IQNetwork network, ImmutableDictionary<string, string>? metadata = null)
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
        try
        {
            NetworkFile.Write(path, network, metadata);
            return File.ReadAllBytes(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static byte[] Policy()
    {
        using IEnvironment environment = new CartPoleEnvironment().WithTimeLimit(200).WithStatistics();
        Sequential architecture = new([4], pixels: false, [new Linear("fc1", 3), new Relu(), new Linear("fc2", 2)]);
        using var network = new QNetwork(architecture, new Pcg64(1), new QNetworkOptions { Threads = 1 });
        return Save(network, PolicyMetadata.Of(environment.Spec, environment.Describe()));
    }

    // What a policy's file is read for: the network, the spec, the pipeline.
    private static void ReadPolicy(byte[] file)
    {
        using LoadedNetwork loaded = ReadNetwork(file);
        if (PolicyMetadata.Spec(loaded.Metadata) is null || PolicyMetadata.Environment(loaded.Metadata) is not { } pipeline)
            return;
        using IEnvironment environment = EnvironmentPipeline.Rebuild(pipeline, new CartPoleEnvironment());
    }

    private static void ReadSmallNetwork(byte[] file) => ReadNetwork(file).Dispose();

    private static LoadedNetwork ReadNetwork(byte[] file)
    {
        Sequential expected = new([4], pixels: false, [new Linear("any", 2)]);
        NetworkFileOptions options = new() { Network = new QNetworkOptions { Threads = 1 } };
        LoadedNetwork loaded = NetworkFile.Read(new MemoryStream(file), [expected], options);
        loaded.Network.Evaluate(new byte[loaded.Network.ObservationBytes], new float[loaded.Network.ActionCount]);
        return loaded;
    }
}
