/* Made by docs/make_polynomials.py. Even and odd powers apart: two short chains. */

/* (exp(r) - 1 - r) / r^2, |r| <= log(2) / 2 */
static ALWAYS_INLINE double exp_rest_f64(double x)
{
    double w = x * x;
    double even = 2.7620088445409746e-07;
    even = even * w + 2.4801521295954376e-05;
    even = even * w + 0.0013888888917213717;
    even = even * w + 0.041666666666624129;
    even = even * w + 0.50000000000000011;
    double odd = 2.510038549551032e-08;
    odd = odd * w + 2.7557268459997064e-06;
    odd = odd * w + 0.00019841269863053618;
    odd = odd * w + 0.0083333333333300615;
    odd = odd * w + 0.16666666666666669;
    return odd * x + even;
}

/* (atanh(s) / s - 1) / s^2 of w = s^2, s <= 0.1716 */
static ALWAYS_INLINE double log_rest_f64(double x)
{
    double w = x * x;
    double even = 0.066343798342803059;
    even = even * w + 0.090908978154423767;
    even = even * w + 0.14285714285401616;
    even = even * w + 0.33333333333333331;
    double odd = 0.065433835049740874;
    odd = odd * w + 0.076931201029067392;
    odd = odd * w + 0.11111111195900235;
    odd = odd * w + 0.2000000000000044;
    return odd * x + even;
}

/* the same for s <= 1/3 */
static ALWAYS_INLINE double log1p_rest_f64(double x)
{
    double w = x * x;
    double even = 0.078152889004614257;
    even = even * w + 0.054225891974400073;
    even = even * w + 0.066675893157246285;
    even = even * w + 0.090909099489813572;
    even = even * w + 0.1428571428580005;
    even = even * w + 0.33333333333333331;
    double odd = 0.037460718977753833;
    odd = odd * w + 0.058671395306515987;
    odd = odd * w + 0.076922719824302752;
    odd = odd * w + 0.11111111099118386;
    odd = odd * w + 0.19999999999999762;
    return odd * x + even;
}

/* (sin(r) / r - 1) / r^2 of w = r^2, |r| <= pi / 2 */
static ALWAYS_INLINE double sin_rest_f64(double x)
{
    double w = x * x;
    double even = -7.6439696639880739e-13;
    even = even * w - 2.505210761669045e-08;
    even = even * w - 0.00019841269841254966;
    even = even * w - 0.16666666666666666;
    double odd = 2.7314368769379893e-15;
    odd = odd * w + 1.6058977292642743e-10;
    odd = odd * w + 2.7557319219160833e-06;
    odd = odd * w + 0.0083333333333333159;
    return odd * x + even;
}

/* (atan(x) / x - 1) / x^2 of w = x^2, |x| <= 1 */
static ALWAYS_INLINE double atan_rest_f64(double x)
{
    double w = x * x;
    double even = -1.1832505417555692e-05;
    even = even * w - 0.00075184725269738216;
    even = even * w - 0.006575683344151699;
    even = even * w - 0.020238706986393514;
    even = even * w - 0.033750132001619734;
    even = even * w - 0.04308119655330471;
    even = even * w - 0.052612657357094542;
    even = even * w - 0.066666364357776925;
    even = even * w - 0.090909089695574027;
    even = even * w - 0.14285714285648404;
    even = even * w - 0.33333333333333331;
    double odd = 0.0001368724853148122;
    odd = odd * w + 0.0026229778919060892;
    odd = odd * w + 0.012756172907694298;
    odd = odd * w + 0.027567942297344678;
    odd = odd * w + 0.038726402140426323;
    odd = odd * w + 0.04752086773576656;
    odd = odd * w + 0.058820749563712943;
    odd = odd * w + 0.076923053546786552;
    odd = odd * w + 0.11111111107234799;
    odd = odd * w + 0.19999999999999554;
    return odd * x + even;
}

/* (x + c) exp(x^2 / 2) P(Z < -x) - 1/2 of u = (x - c) / (x + c), c = 3 */
static ALWAYS_INLINE double normal_tail_rest_f64(double x)
{
    double w = x * x;
    double even = -1.3166472887885653e-08;
    even = even * w + 9.5003623554020392e-08;
    even = even * w - 2.7352950917481273e-07;
    even = even * w + 8.692845904577324e-09;
    even = even * w + 3.6394936063501091e-06;
    even = even * w - 2.068892199992717e-05;
    even = even * w + 7.8812624262064463e-05;
    even = even * w - 0.00025657534028927982;
    even = even * w + 0.0010275922586715483;
    even = even * w - 0.010462867023293661;
    even = even * w + 0.23001771997460338;
    even = even * w + 0.22908369013337299;
    double odd = -4.8065703507435212e-09;
    odd = odd * w + 1.6646319004051952e-08;
    odd = odd * w + 5.6720734811374558e-08;
    odd = odd * w - 6.0736164132476734e-07;
    odd = odd * w + 2.2656991576848028e-06;
    odd = odd * w - 3.5215973779138118e-06;
    odd = odd * w - 1.3244942624584391e-05;
    odd = odd * w + 0.00015439426187592567;
    odd = odd * w - 0.0010458285989079065;
    odd = odd * w + 0.0069726212388665646;
    odd = odd * w - 0.047263025142921133;
    odd = odd * w - 0.50933198191748996;
    return odd * x + even;
}

/* (exp(r) - 1 - r) / r^2, |r| <= log(2) / 2 */
static ALWAYS_INLINE float exp_rest_f32(float x)
{
    float w = x * x;
    float even = 0.0013926184f;
    even = even * w + 0.0416665561f;
    even = even * w + 0.5f;
    float odd = 0.00836317893f;
    odd = odd * w + 0.166665763f;
    return odd * x + even;
}

/* (atanh(s) / s - 1) / s^2 of w = s^2, s <= 0.1716 */
static ALWAYS_INLINE float log_rest_f32(float x)
{
    float w = x * x;
    float even = 0.147900268f;
    even = even * w + 0.333333433f;
    float odd = 0.199943885f;
    return odd * x + even;
}

/* the same for s <= 1/3 */
static ALWAYS_INLINE float log1p_rest_f32(float x)
{
    float w = x * x;
    float even = 0.11612165f;
    even = even * w + 0.142961785f;
    even = even * w + 0.333333343f;
    float odd = 0.108532876f;
    odd = odd * w + 0.199998528f;
    return odd * x + even;
}

/* (sin(r) / r - 1) / r^2 of w = r^2, |r| <= pi / 2 */
static ALWAYS_INLINE float sin_rest_f32(float x)
{
    float w = x * x;
    float even = -2.40800944e-08f;
    even = even * w - 0.000198410868f;
    even = even * w - 0.166666672f;
    float odd = 2.75364596e-06f;
    odd = odd * w + 0.00833333284f;
    return odd * x + even;
}

/* (atan(x) / x - 1) / x^2 of w = x^2, |x| <= 1 */
static ALWAYS_INLINE float atan_rest_f32(float x)
{
    float w = x * x;
    float even = -0.00914462935f;
    even = even * w - 0.0489605144f;
    even = even * w - 0.089318268f;
    even = even * w - 0.142840043f;
    even = even * w - 0.333333343f;
    float odd = 0.00148869189f;
    odd = odd * w + 0.0263050012f;
    odd = odd * w + 0.0703191459f;
    odd = odd * w + 0.110882618f;
    odd = odd * w + 0.199999496f;
    return odd * x + even;
}

/* (x + c) exp(x^2 / 2) P(Z < -x) - 1/2 of u = (x - c) / (x + c), c = 2.5 */
static ALWAYS_INLINE float normal_tail_rest_f32(float x)
{
    float w = x * x;
    float even = -3.21788357e-05f;
    even = even * w - 0.000279482221f;
    even = even * w + 0.0025138401f;
    even = even * w - 0.0163850449f;
    even = even * w + 0.131986931f;
    even = even * w + 0.206656665f;
    float odd = -0.000201061819f;
    odd = odd * w + 0.000737375347f;
    odd = odd * w - 0.00162269722f;
    odd = odd * w + 0.00923925545f;
    odd = odd * w - 0.433692157f;
    return odd * x + even;
}
