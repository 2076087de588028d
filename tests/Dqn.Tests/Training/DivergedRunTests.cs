using Dqn.Agents;
using Dqn.Serialization;
using Dqn.Training;

namespace Dqn.Tests.Training;

/// <summary>A run whose numbers are not finite any more ends before it overwrites what was good.</summary>
public sealed class DivergedRunTests
{
    [TestCase(41, 61, "the loss")] // At the first update.
    [TestCase(30, 40, "the weights")] // At the first checkpoint, before any update.
    public void No_file_is_overwritten(int poisonedAfter, int endsAt, string quantity)
    {
        using var folder = new TemporaryFolder();
        using var run = new SmallRun(folder["run"], "pixels");
        IEnumerator<TrainingEvent> steps = run.Run.RunLazily().GetEnumerator();
        for (int i = 0; i < poisonedAfter; i++)
            steps.MoveNext();
        string[] before = Files(folder["run"]);
        Poison(run.Agent);
        TrainingDivergedException exception = Assert.Throws<TrainingDivergedException>(() =>
        {
            while (steps.MoveNext())
            {
            }
        })!;
        Assert.That((exception.Step, exception.Quantity), Is.EqualTo(((long)endsAt, quantity)));
        Assert.That(Files(folder["run"]), Is.EqualTo(before));
    }

    private static void Poison(DqnAgent agent)
    {
        StateDict weights = agent.Network.GetStateDict(), poisoned = [];
        float[] values = weights["fc.weight"].ToSingles();
        values[5] = float.NaN;
        poisoned.Add("fc.weight", Tensor.FromSingles(values, [.. weights["fc.weight"].Shape]));
        agent.Network.LoadStateDict(poisoned);
    }

    // The weights and checkpoints: names and contents.
    private static string[] Files(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is not (".csv" or ".lock" or ".json"))
            .Order().Select(file => $"{file} {Convert.ToHexString(File.ReadAllBytes(file))}")];
}
