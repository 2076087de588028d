using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json.Nodes;
using Dqn.CarRacing;
using Dqn.CarRacing.Presets;

namespace Dqn.Samples.CarRacing;

/// <summary>The training's options on the command line: a preset, and what to change of it.</summary>
internal sealed class TrainOptions
{
    // What the help shows of the settings; the rest is for --help-all.
    private static readonly string[] s_shown = ["--steps", "--threads"];

    private readonly Option<string> _preset = With(
        "--preset", $"Which set of options: {string.Join("; ", CarRacingPresets.All.Select(preset => $"{preset.Name}, {preset.Description}"))}.", CarRacingPresets.All[0].Name);
    private readonly Option<string?> _name = new("--name") { Description = "The run's folder under --runs. Default: the next free carracing-NNN; with --resume the latest that has a checkpoint." };
    private readonly Option<string> _runs = With("--runs", "Where run folders are.", "runs");
    private readonly Option<bool> _resume = new("--resume") { Description = "Go on from the run's checkpoint, with the same options." };
    private readonly Option<ulong> _seed = With("--seed", "Seed of the weights, the exploration, the sampling and the tracks.", 1UL);
    private readonly Option<double?> _minutes = new("--minutes") { Description = "Stop after so many minutes of training, evaluations aside, if the steps are not done before." };
    private readonly Option<bool> _tensorBoard = new("--tensorboard") { Description = "Write TensorBoard event files into the run's folder.", Hidden = true };
    private readonly Option<int?> _dashboard = new("--dashboard") { Description = "Serve a page to watch the training, on this machine, and print its address; with a port, at that.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string> _engine = With("--engine", "What the network computes with: built-in, or torch for LibTorch (build with -p:LibTorch=…).", Engine.BuiltIn);
    private readonly Option<string?> _device = new("--device") { Description = "Where LibTorch computes: cpu or cuda. Default: cuda if it is there.", Hidden = true };
    private readonly Option<bool> _helpAll = new("--help-all") { Description = "Show all options." };
    private readonly List<(Setting Setting, Option<string?> Option)> _settings = [.. Settings.Groups.SelectMany(group => group.Settings)
        .Select(setting => (setting, new Option<string?>(setting.Option)
        {
            Description = setting.Help,
            Arity = ArgumentArity.ZeroOrOne,
            Hidden = !s_shown.Contains(setting.Option),
        }))];

    public TrainOptions()
    {
        _engine.AcceptOnlyFromAmong(Engine.BuiltIn, Engine.Torch);
        _device.AcceptOnlyFromAmong(Engine.Cpu, Engine.Cuda);
    }

    /// <summary>All of them, in the order of the help.</summary>
    public IEnumerable<Option> All =>
        [_preset, _seed, _minutes, _name, _runs, _resume, _tensorBoard, _dashboard, _engine, _device, _helpAll, .. _settings.Select(one => one.Option)];

    /// <summary>Whether the whole help was asked for.</summary>
    public bool WantsHelp(ParseResult result) => result.GetValue(_helpAll);

    /// <summary>Prints all options in groups.</summary>
    public void PrintHelp(TextWriter writer)
    {
        Print("the training", All.Where(option => _settings.All(one => one.Option != option)).Select(option => (option.Name, option.Description ?? "")));
        foreach ((string group, Setting[] settings) in Settings.Groups)
            Print(group, settings.Select(setting => (setting.Option, setting.Help)));

        void Print(string group, IEnumerable<(string Name, string Help)> options)
        {
            writer.WriteLine($"\n{group}");
            foreach ((string name, string help) in options)
            {
                string line = $"  {name,-30}";
                foreach (string word in help.Split(' '))
                {
                    if (line.Length + word.Length > 78)
                    {
                        writer.WriteLine(line);
                        line = new string(' ', 32);
                    }

                    line += $" {word}";
                }

                writer.WriteLine(line);
            }
        }
    }

    /// <summary>What was given, the rest as the preset says.</summary>
    /// <exception cref="ArgumentException">An option that cannot be: the message names it as it was typed.</exception>
    public TrainSettings Read(ParseResult result)
    {
        CarRacingPreset preset = CarRacingPresets.Named(result.GetValue(_preset)!);
        JsonObject changes = [];
        foreach ((Setting setting, Option<string?> option) in _settings)
        {
            if (result.GetResult(option) is not { Implicit: false } given)
                continue;
            string text = given.Tokens.Count == 0 ? bool.TrueString : given.Tokens[0].Value; // "--double" alone switches it on.
            try
            {
                setting.Set(changes, text);
                CarRacingPreset.FromJson(Complete(changes.DeepClone().AsObject(), preset), preset);
            }
            catch (Exception exception) when (exception is InvalidDataException or FormatException or InvalidCastException or InvalidOperationException)
            {
                throw new ArgumentException($"{setting.Option} {text}: {Reason(exception)}", exception);
            }
        }

        preset = CarRacingPreset.FromJson(Complete(changes, preset), preset);
        if (preset.Agent.Architecture.Distribution.AtRisk(preset.Agent.EvaluationRisk) is null && changes["agent"]?["evaluationRisk"] is null)
            preset = preset with { Agent = preset.Agent with { EvaluationRisk = 1 } }; // Only quantiles have a worst part.
        return new(
            preset, Describe(result), result.GetValue(_name), result.GetValue(_runs)!, result.GetValue(_resume), result.GetValue(_seed),
            result.GetValue(_minutes), result.GetValue(_tensorBoard),
            result.GetResult(_dashboard) is { Implicit: false } ? result.GetValue(_dashboard) ?? 0 : null, new Engine(result.GetValue(_engine)!, result.GetValue(_device)));
    }

    // In the words of the command line: of what the library says of its own property, what was expected.
    private static string Reason(Exception exception)
    {
        string message = (exception.InnerException ?? exception).Message;
        int expected = message.IndexOf("expected", StringComparison.OrdinalIgnoreCase);
        return expected < 0 ? "expected another kind of value" : message[expected..].Split(" (Parameter")[0].TrimEnd('.');
    }

    // What follows from a change without being typed.
    private static JsonObject Complete(JsonObject changes, CarRacingPreset preset)
    {
        // Which actions mirror each other follows from the table of actions.
        JsonNode? table = changes["task"]?["actions"];
        bool mirrors = changes["agent"]?["mirrorActions"] is { } given
            ? given is JsonValue on && on.GetValue<bool>()
            : table is not null && !preset.Agent.MirrorActions.IsEmpty;
        if (mirrors || changes["agent"]?["mirrorActions"] is not null)
        {
            CarActions actions = table is null ? preset.Task.Actions : CarActions.FromJson(table);
            ((JsonObject)(changes["agent"] ??= new JsonObject()))["mirrorActions"] =
                new JsonArray([.. mirrors ? actions.MirrorActions.Select(action => (JsonNode)action) : []]);
        }

        if (changes["agent"] is not JsonObject agent)
            return changes;

        // What follows a preset's first decay belongs to it, and goes with it.
        if (agent["epsilon"] is JsonObject epsilon && (epsilon["start"] ?? epsilon["end"] ?? epsilon["decaySteps"]) is not null)
            epsilon["then"] = null;

        // Another optimizer keeps the learning rate, and a schedule starts with it. Where the preset has none, an end makes
        // one over the preset's steps.
        JsonObject? optimizer = agent["network"]?["optimizer"] as JsonObject;
        if (optimizer is not null)
            optimizer["learningRate"] ??= preset.Agent.Network.Optimizer.LearningRate;
        bool schedules = preset.Agent.LearningRate is not null || agent["learningRate"] is JsonObject;
        if (schedules && (optimizer ?? agent["learningRate"]) is not null)
        {
            var schedule = (JsonObject)(agent["learningRate"] ??= new JsonObject());
            schedule["start"] = optimizer?["learningRate"]?.DeepClone() ?? preset.Agent.Network.Optimizer.LearningRate;
            if (preset.Agent.LearningRate is null)
                schedule["steps"] ??= changes["steps"]?.DeepClone() ?? preset.Steps;
        }

        return changes;
    }

    // As it was typed, in the order of the help: "fast --seed 2 --batch 64".
    private string Describe(ParseResult result)
    {
        IEnumerable<Option> changing = _settings.Select(one => (Option)one.Option).Prepend(_device).Prepend(_engine).Prepend(_minutes).Prepend(_seed);
        var given = changing.Select(result.GetResult).OfType<OptionResult>().Where(option => !option.Implicit)
            .Select(option => string.Join(' ', option.Tokens.Select(token => token.Value).Prepend(option.Option.Name)));
        return string.Join(' ', given.Prepend(result.GetValue(_preset)!));
    }

    private static Option<T> With<T>(string name, string description, T value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
