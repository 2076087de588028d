using Dqn.CarRacing;

namespace Dqn.Tests.Trace;

/// <summary>A frame of an episode as a CSV row: what happened, the hull, the wheels. The golden episodes' columns.</summary>
internal static class TraceRow
{
    public static string Header(bool continuous)
    {
        var columns = new List<string> { "frame" };
        columns.AddRange(continuous ? ["steer", "gas", "brake"] : ["action"]);
        columns.AddRange(["reward", "terminated", "tiles_visited", "x", "y", "angle", "vx", "vy", "w"]);
        string[] wheelColumns = ["x", "y", "angle", "vx", "vy", "w", "omega", "phase", "joint_angle", "gas", "brake", "steer", "tiles"];
        for (int wheel = 0; wheel < 4; wheel++)
            columns.AddRange(wheelColumns.Select(column => $"wheel{wheel}_{column}"));
        return string.Join(',', columns);
    }

    public static string Format(int frame, TraceAction? action, bool continuous, double reward, bool terminated, CarRacingEnvironment environment)
    {
        var cells = new List<string> { $"{frame}" };
        cells.AddRange(action?.Cells ?? (continuous ? ["", "", ""] : [""]));
        cells.Add(PythonFloat.Repr(reward));
        cells.Add(terminated ? "1" : "0");
        cells.Add($"{environment.TilesVisited}");
        ICarDynamics dynamics = environment.Car.Dynamics;
        AddBody(dynamics.Hull);
        for (int wheel = 0; wheel < 4; wheel++)
        {
            WheelState state = environment.Car.Wheels[wheel];
            AddBody(dynamics.Wheel(wheel));
            Add(state.Omega, state.Phase, dynamics.JointAngle(wheel), state.Gas, state.Brake, state.Steer);
            cells.Add($"{state.Tiles}");
        }

        return string.Join(',', cells);

        void AddBody(BodyState body) => Add(body.X, body.Y, body.Angle, body.VelocityX, body.VelocityY, body.AngularVelocity);

        void Add(params ReadOnlySpan<double> values)
        {
            foreach (double value in values)
                cells.Add(PythonFloat.Repr(value));
        }
    }
}
