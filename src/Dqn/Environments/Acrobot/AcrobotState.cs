namespace Dqn.Environments;

/// <summary>Two links that hang from a fixed joint.</summary>
/// <param name="Upper">θ₁, rad: the upper link's angle from hanging straight down.</param>
/// <param name="Lower">θ₂, rad: the lower link's angle from the upper one's direction.</param>
/// <param name="UpperSpeed">dθ₁/dt, rad/s.</param>
/// <param name="LowerSpeed">dθ₂/dt, rad/s.</param>
internal readonly record struct AcrobotState(double Upper, double Lower, double UpperSpeed, double LowerSpeed)
{
    // Both links: 1 kg, 1 m long, the centre of mass in the middle, moment of inertia 1 kg m².
    private const double Mass = 1, Length = 1, Centre = 0.5, Inertia = 1, Gravity = 9.8;

    /// <summary>This state moved along a derivative.</summary>
    public AcrobotState Moved(AcrobotState derivative, double seconds) => new(
        Upper + seconds * derivative.Upper,
        Lower + seconds * derivative.Lower,
        UpperSpeed + seconds * derivative.UpperSpeed,
        LowerSpeed + seconds * derivative.LowerSpeed);

    /// <summary>The state after a time, by one step of Runge and Kutta's fourth-order rule.</summary>
    public AcrobotState After(double seconds, double torque)
    {
        AcrobotState one = Derivative(torque);
        AcrobotState two = Moved(one, seconds / 2).Derivative(torque);
        AcrobotState three = Moved(two, seconds / 2).Derivative(torque);
        AcrobotState four = Moved(three, seconds).Derivative(torque);
        return new(
            Upper + seconds / 6 * (one.Upper + 2 * two.Upper + 2 * three.Upper + four.Upper),
            Lower + seconds / 6 * (one.Lower + 2 * two.Lower + 2 * three.Lower + four.Lower),
            UpperSpeed + seconds / 6 * (one.UpperSpeed + 2 * two.UpperSpeed + 2 * three.UpperSpeed + four.UpperSpeed),
            LowerSpeed + seconds / 6 * (one.LowerSpeed + 2 * two.LowerSpeed + 2 * three.LowerSpeed + four.LowerSpeed));
    }

    /// <summary>The equations of motion in the book's form, with a torque (Nm) at the joint between the links.</summary>
    private AcrobotState Derivative(double torque)
    {
        double cosine = Math.Cos(Lower), sine = Math.Sin(Lower);
        double d1 = Mass * (Centre * Centre) +
            Mass * (Length * Length + Centre * Centre + 2 * Length * Centre * cosine) + Inertia + Inertia;
        double d2 = Mass * (Centre * Centre + Length * Centre * cosine) + Inertia;
        double phi2 = Mass * Centre * Gravity * Math.Cos(Upper + Lower - Math.PI / 2);
        double phi1 = -Mass * Length * Centre * (LowerSpeed * LowerSpeed) * sine
            - 2 * Mass * Length * Centre * LowerSpeed * UpperSpeed * sine
            + (Mass * Centre + Mass * Length) * Gravity * Math.Cos(Upper - Math.PI / 2) + phi2;
        double lower = (torque + d2 / d1 * phi1 - Mass * Length * Centre * (UpperSpeed * UpperSpeed) * sine - phi2) /
            (Mass * (Centre * Centre) + Inertia - d2 * d2 / d1);
        double upper = -(d2 * lower + phi1) / d1;
        return new(UpperSpeed, LowerSpeed, upper, lower);
    }
}
