namespace Dqn.CarRacing;

/// <summary>
/// What the driver of a continuous CarRacing does in one frame; Gymnasium's action [steer, gas, brake].
/// </summary>
/// <param name="Steer">−1 full left … +1 full right.</param>
/// <param name="Gas">0 … 1; the throttle opens by at most 0.1 a frame and closes at once.</param>
/// <param name="Brake">0 … 1; from 0.9 the wheels block.</param>
public readonly record struct CarControls(double Steer, double Gas, double Brake)
{
    /// <exception cref="ArgumentOutOfRangeException">A control is out of its range, or not a number.</exception>
    internal void Validate()
    {
        Check(Steer, -1, nameof(Steer));
        Check(Gas, 0, nameof(Gas));
        Check(Brake, 0, nameof(Brake));

        static void Check(double value, double least, string name)
        {
            if (!(value >= least && value <= 1))
                throw new ArgumentOutOfRangeException(name, value, $"Expected {name} from {least} to 1, got {value}.");
        }
    }
}
