using System.CommandLine;
using Dqn.Networks;

namespace Dqn.Benchmarks.Profiles;

/// <summary>Starts <see cref="StepProfile"/>.</summary>
internal static class ProfileCommand
{
    public static Command Create()
    {
        Argument<int[]> threads = Numbers.Threads();
        Argument<int[]> batches = Numbers.List("batches", "Batch sizes, with commas between them.", 32);
        Argument<int[]> filters = Numbers.List("filters", "A residual network with so many filters in place of the notebook's.", []);
        var command = new Command("profile", "Where a learning step's time goes, by layer and pass.") { threads, batches, filters };
        command.SetAction(result =>
        {
            Sequential network = result.GetRequiredValue(filters) is [int count, ..] ? NetworkTable.Residual(count) : new CnnActionValue(4, 5);
            foreach (int batch in result.GetRequiredValue(batches))
                foreach (int number in result.GetRequiredValue(threads))
                    StepProfile.Print(network, number, batch);
        });
        return command;
    }
}
