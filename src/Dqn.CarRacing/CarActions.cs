using System.Collections;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Dqn.CarRacing;

/// <summary>
/// What the numbered actions of a CarRacing do: a table of controls, immutable. Two tables are equal if they have the same
/// controls in the same order. As JSON, [[steer, gas, brake], …].
/// </summary>
/// <example><code>
/// using var environment = new CarRacingEnvironment(new CarRacingOptions { Actions = CarActions.Nine });
/// var own = new CarActions(new(0, 0.4, 0), new(-0.6, 0, 0), new(0.6, 0, 0));
/// </code></example>
[JsonConverter(typeof(CarActionsJson))]
public sealed class CarActions : IReadOnlyList<CarControls>, IEquatable<CarActions>
{
    private readonly ImmutableArray<CarControls> _controls;

    /// <summary>A table of one's own.</summary>
    /// <param name="controls">What action 0, 1, … does; at least 2, no two of them alike.</param>
    /// <exception cref="ArgumentOutOfRangeException">A control is out of its range, or not a number.</exception>
    /// <exception cref="ArgumentException">Fewer than 2 actions, or two that do the same.</exception>
    public CarActions(params ReadOnlySpan<CarControls> controls)
    {
        if (controls.Length < 2)
            throw new ArgumentException($"Expected at least 2 actions, got {controls.Length}.", nameof(controls));
        for (int i = 0; i < controls.Length; i++)
        {
            controls[i].Validate();
            int same = controls[..i].IndexOf(controls[i]);
            if (same >= 0)
            {
                throw new ArgumentException(
                    $"Expected actions that differ, got {Text(controls[i])} as actions {same} and {i}.", nameof(controls));
            }
        }

        _controls = [.. controls];
    }

    /// <summary>Gymnasium's five: nothing, right, left, gas, brake.</summary>
    public static CarActions Gymnasium { get; } =
        new(new(0, 0, 0), new(0.6, 0, 0), new(-0.6, 0, 0), new(0, 0.2, 0), new(0, 0, 0.8));

    /// <summary>
    /// Nine: steering straight on, right by 0.6 or left by 0.6, each with nothing, gas 0.4 or brake 0.4. Beyond Gymnasium's, they
    /// steer while the car gains or loses speed.
    /// </summary>
    public static CarActions Nine { get; } = NineOf(0.6, 0.4, 0.4);

    /// <summary>
    /// Nine of other strengths: straight on, right and left with nothing, with gas, with the brake, in this order. Less gas makes a
    /// slower car, which is easier to keep on the road.
    /// </summary>
    /// <param name="steer">How far right and left, above 0, up to 1.</param>
    /// <param name="gas">Above 0, up to 1.</param>
    /// <param name="brake">Above 0, up to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A control is out of its range, or not a number.</exception>
    /// <exception cref="ArgumentException">A control is 0, so that two actions do the same.</exception>
    public static CarActions NineOf(double steer, double gas, double brake) => new(
        new(0, 0, 0), new(steer, 0, 0), new(-steer, 0, 0),
        new(0, gas, 0), new(steer, gas, 0), new(-steer, gas, 0),
        new(0, 0, brake), new(steer, 0, brake), new(-steer, 0, brake));

    /// <summary>How many actions there are.</summary>
    public int Count => _controls.Length;

    /// <summary>What an action does.</summary>
    /// <param name="index">0 … <see cref="Count"/> − 1.</param>
    public CarControls this[int index] => _controls[index];

    /// <summary>
    /// The actions in a mirror, steering left and right exchanged: for
    /// <see cref="Dqn.Agents.DqnOptions.MirrorActions"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">An action has no mirror image in the table.</exception>
    public ImmutableArray<int> MirrorActions
    {
        get
        {
            var mirrors = ImmutableArray.CreateBuilder<int>(Count);
            foreach (CarControls controls in _controls)
            {
                CarControls mirrored = controls with { Steer = 0 - controls.Steer };
                int mirror = _controls.IndexOf(mirrored);
                mirrors.Add(mirror >= 0 ? mirror : throw new InvalidOperationException(
                    $"Expected {Text(mirrored)} among the actions, the mirror image of {Text(controls)}; without it nothing can be mirrored."));
            }

            return mirrors.MoveToImmutable();
        }
    }

    /// <summary>The table as data.</summary>
    public JsonArray ToJson() =>
        [.. _controls.Select(one => (JsonNode)new JsonArray(one.Steer, one.Gas, one.Brake))];

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is no such table: the message says what was expected and what came.</exception>
    public static CarActions FromJson(JsonNode? json)
    {
        if (json is not JsonArray rows)
            throw Unexpected(json);
        try
        {
            return new CarActions([.. rows.Select(Row)]);
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"actions: {exception.Message}", exception);
        }

        static CarControls Row(JsonNode? row) => row is JsonArray { Count: 3 } numbers
            ? new(Number(numbers[0]), Number(numbers[1]), Number(numbers[2]))
            : throw Unexpected(row);

        static double Number(JsonNode? node) =>
            node is JsonValue value && value.GetValueKind() == JsonValueKind.Number ? (double)value : throw Unexpected(node);

        static InvalidDataException Unexpected(JsonNode? node) =>
            new($"actions: expected a table [[steer, gas, brake], …] of numbers, got {node?.ToJsonString() ?? "null"}.");
    }

    /// <inheritdoc/>
    public bool Equals(CarActions? other) => other is not null && _controls.AsSpan().SequenceEqual(other._controls.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CarActions);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (CarControls controls in _controls)
            hash.Add(controls);
        return hash.ToHashCode();
    }

    /// <summary>The table's JSON.</summary>
    public override string ToString() => ToJson().ToJsonString();

    /// <inheritdoc/>
    public IEnumerator<CarControls> GetEnumerator() => ((IEnumerable<CarControls>)_controls).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static string Text(CarControls controls) =>
        string.Create(
            System.Globalization.CultureInfo.InvariantCulture, $"[{controls.Steer}, {controls.Gas}, {controls.Brake}]");
}
