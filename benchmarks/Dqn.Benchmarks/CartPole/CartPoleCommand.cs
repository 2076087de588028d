using System.CommandLine;

namespace Dqn.Benchmarks.CartPole;

/// <summary>Starts <see cref="CartPoleAblation"/> and <see cref="CartPoleRecipe"/>.</summary>
internal static class CartPoleCommand
{
    public static Command Create()
    {
        Argument<string[]> names = Names(), parts = Names();
        var recipe = new Command("recipe", "What Trainer.Train does with its own options, and without one part of them each.") { parts };
        recipe.SetAction(result => CartPoleRecipe.Print(result.GetRequiredValue(parts)));
        var command = new Command("cartpole", "What each option does to plain DQN on CartPole.") { names, recipe };
        command.SetAction(result => CartPoleAblation.Print(result.GetRequiredValue(names)));
        return command;
    }

    private static Argument<string[]> Names() =>
        new("names") { Description = "Parts of the names of those to run. Default: all.", Arity = ArgumentArity.ZeroOrMore, DefaultValueFactory = _ => [] };
}
