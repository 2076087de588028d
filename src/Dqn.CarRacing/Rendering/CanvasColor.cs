namespace Dqn.CarRacing;

/// <summary>The numbers of a <see cref="CellBand"/>'s colours.</summary>
internal static class CanvasColor
{
    public const int Black = 0, Ground = 1, Grass = 2, Road = 3, White = 6, Red = 7, Hull = 8, Stripe = 9;
    public const int Blue = 10, Violet = 11, Green = 12;

    public const int Count = 13;

    /// <summary>The road has three shades, from <see cref="Road"/> on.</summary>
    public const int RoadShades = 3;

    /// <summary>The number of a bar's colour.</summary>
    public static int OfBar(in IndicatorBar bar) => bar.Color switch
    {
        Indicators.SpeedColor => White,
        Indicators.FrontColor => Blue,
        Indicators.RearColor => Violet,
        Indicators.SteeringColor => Green,
        _ => Red,
    };
}
